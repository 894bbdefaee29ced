#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace livedata {

/// RFC 3339 in UTC with as many fraction digits as needed: "2026-01-02T03:04:05.678Z".
std::string format_rfc3339(TimestampNs time);

/// RFC 3339 with an optional fraction (up to 9 digits are kept) and an offset or Z. A space in
/// place of the T is accepted.
Result<TimestampNs> parse_rfc3339(std::string_view text);

/// Go and Prometheus durations: "90s", "1h30m", "1.5h", "250ms", "1d", "2w", "1y"; with a leading
/// minus negative. In nanoseconds.
Result<std::int64_t> parse_duration(std::string_view text);

/// The shortest form that parse_duration() reads back: "1h30m", "250ms", "0s".
std::string format_duration(std::int64_t ns);

}  // namespace livedata
