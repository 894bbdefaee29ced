#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace livedata::cli {

/// A time as a person types it: "now", "10m" or "-10m" (ago), "14:32" or "14:32:05" (of today in
/// local time, of yesterday where that is still to come), "2026-01-02 14:32:05" (local), RFC 3339,
/// or seconds since 1970.
Result<TimestampNs> parse_when(std::string_view text, TimestampNs now);

/// The local clock time with milliseconds, and the day where it is another one than that of `now`.
std::string show_when(TimestampNs time, TimestampNs now);

}  // namespace livedata::cli
