#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace livedata::server {

/// "HOST:PORT", with an IPv6 host in brackets.
Result<std::pair<std::string, std::uint16_t>> parse_listen_address(std::string_view text);
/// Whether the address can be reached from this machine only.
bool is_loopback(std::string_view host);

}  // namespace livedata::server
