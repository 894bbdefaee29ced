#pragma once

#include "base/result.h"
#include "config/config.h"
#include "server/syslog/syslog_server.h"

namespace livedata {

/// The configuration of the syslog doors. kInvalidArgument: an address is none, TLS lacks a file,
/// or other machines would be let in though they need not say who they are.
Result<server::SyslogOptions> syslog_options(const Config& config);

}  // namespace livedata
