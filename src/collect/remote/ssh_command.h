#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collect/remote/remote_spec.h"

namespace livedata::collect::remote {

/// Program and arguments that run `command` on the remote by the system's ssh, with the user's own
/// keys, agent and configuration. Never asks anything, and never takes a host key that is not known
/// or has changed.
std::vector<std::string> ssh_command(const std::string& program, const RemoteSpec& spec,
                                     std::string_view command);

}  // namespace livedata::collect::remote
