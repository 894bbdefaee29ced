#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace livedata::collect {

/// The time at the start of a log line, in one of the usual forms: RFC 3339, "2026-01-02 03:04:05"
/// and "Jan  2 03:04:05" (both in local time; the year is the one that puts the time nearest before
/// `now`).
std::optional<TimestampNs> parse_log_time(std::string_view line, TimestampNs now);

}  // namespace livedata::collect
