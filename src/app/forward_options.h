#pragma once

#include <string>

#include "base/result.h"
#include "config/config.h"
#include "server/forward/forward_server.h"

namespace livedata {

/// The configuration of the doors for the forward protocol. kInvalidArgument: an address is none,
/// TLS lacks a file, or other machines would be let in though they need not say who they are.
Result<server::ForwardOptions> forward_options(const Config& config);

}  // namespace livedata
