#pragma once

#include <optional>

#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Counts this network namespace's TCP sockets by state through netlink (sock_diag(7)), which costs
/// a fraction of reading /proc/net/tcp. Nothing where the kernel has no such door.
std::optional<TcpStates> count_tcp_states();

}  // namespace livedata::collect::host
