#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace livedata::ingest {

/// The time that a log line states, in one of the usual forms: RFC 3339, "2026-01-02 03:04:05.678"
/// or with slashes, "Jan  2 03:04:05" (the year is the one that puts the time nearest before
/// `now`), each at the line's start, in brackets or behind time= or ts=; or the access log's
/// [02/Jan/2026:03:04:05 +0100] further on; of a JSON object the member that json_time_member()
/// finds, which may also be a number since 1970. Without an offset it is local time, or that of
/// `zone`, in seconds east of Greenwich.
std::optional<TimestampNs> parse_log_time(std::string_view line, TimestampNs now,
                                          std::optional<int> zone = std::nullopt);

}  // namespace livedata::ingest
