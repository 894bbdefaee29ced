#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace livedata::query::spl {

/// The time that a modifier means at a time: -15m@m, -1d@d+2h, @w1, +1mon, now, now(), seconds
/// since 1970, RFC 3339, a date, or 01/31/2026:13:30:00. In UTC; weeks begin on Sunday, @w1 is
/// Monday. kInvalidArgument for what is none, or lies outside of the years 1678 to 2262.
Result<TimestampNs> resolve_time(std::string_view modifier, TimestampNs now);

/// A unit of time as modifiers and spans name it: s, sec, ..., mon, q, y, and us, ms, cs, ds.
struct TimeUnit {
  std::int64_t ns = 0;      ///< 0 for months and longer
  std::int64_t months = 0;  ///< 1, 3 or 12
};
std::optional<TimeUnit> find_time_unit(std::string_view name);

}  // namespace livedata::query::spl
