#pragma once

#include <string>
#include <string_view>

namespace livedata::collect {

/// The name that a file had before it was rotated, by what the usual programs make of it:
/// app.log.1, app.log-20260102.gz, app.log.old (logrotate, syslog, Python), app-2026-01-02.log.gz,
/// app.1.log (logback, log4j, lumberjack). A name that is no such thing comes back as it is.
std::string unrotated_name(std::string_view name);

}  // namespace livedata::collect
