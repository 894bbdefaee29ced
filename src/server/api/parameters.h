#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/direction.h"
#include "model/limits.h"
#include "model/time_range.h"
#include "query/logql/engine.h"
#include "server/http/message.h"

namespace livedata::server {

/// A point in time as Loki's API takes it: float seconds with a dot, integers of up to 10 digits as
/// seconds, longer ones as nanoseconds, else RFC 3339.
Result<TimestampNs> parse_time(std::string_view text);

/// Seconds as a number, or a duration such as 15s. In nanoseconds.
Result<std::int64_t> parse_seconds_or_duration(std::string_view text);

constexpr std::int64_t kDefaultRange = 3600 * kNsPerSecond;

/// start and end: `end` is now where absent, `start` is `since` (or `default_range`) before it.
Result<TimeRange> parse_range(const Parameters& parameters, TimestampNs now,
                              std::int64_t default_range = kDefaultRange);

/// The positive number in `limit`, or `otherwise`.
Result<std::size_t> parse_limit(const Parameters& parameters, std::size_t otherwise);

/// The positive seconds or duration in a parameter, in nanoseconds; 0 where it is absent.
Result<std::int64_t> parse_step(const Parameters& parameters, std::string_view name);

/// query, start, end, step, interval, limit and direction of a range query.
Result<query::logql::RangeQuery> parse_range_query(const Parameters& parameters, TimestampNs now,
                                                   const Limits& limits);

/// query, time, limit and direction of an instant query.
Result<query::logql::InstantQuery> parse_instant_query(const Parameters& parameters,
                                                       TimestampNs now, const Limits& limits);

}  // namespace livedata::server
