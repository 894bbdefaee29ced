#include "server/api/parameters.h"

#include <strings.h>

#include <charconv>
#include <cmath>

#include "base/time_format.h"

namespace livedata::server {
namespace {

constexpr std::size_t kMaxSecondsDigits = 10;
constexpr double kMaxSeconds = 9.2e9;

std::optional<double> parse_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(value))
    return std::nullopt;
  return value;
}

Result<Direction> parse_direction(const Parameters& parameters) {
  const std::string_view text = parameters.get("direction");
  const auto is = [text](std::string_view name) {
    return text.size() == name.size() && ::strncasecmp(text.data(), name.data(), name.size()) == 0;
  };
  if (text.empty() || is("backward")) return Direction::kBackward;
  if (is("forward")) return Direction::kForward;
  return fail(ErrorCode::kInvalidArgument, "invalid direction '{}'; use forward or backward", text);
}

Result<std::string> parse_query(const Parameters& parameters) {
  std::string_view text = parameters.get("query");
  if (text.empty()) text = parameters.get("q");
  if (text.empty()) return fail(ErrorCode::kInvalidArgument, "the parameter query is missing");
  return std::string(text);
}

}  // namespace

Result<std::size_t> parse_limit(const Parameters& parameters, std::size_t otherwise) {
  const auto text = parameters.find("limit");
  if (!text || text->empty()) return otherwise;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) {
    return fail(ErrorCode::kInvalidArgument, "limit '{}' is not a number", *text);
  }
  if (value <= 0) return fail(ErrorCode::kInvalidArgument, "limit must be a positive value");
  return static_cast<std::size_t>(value);
}

Result<std::int64_t> parse_step(const Parameters& parameters, std::string_view name) {
  const std::string_view text = parameters.get(name);
  if (text.empty()) return 0;
  auto step = parse_seconds_or_duration(text);
  if (!step) return fail(std::move(step).error().with_context(name));
  if (*step <= 0)
    return fail(ErrorCode::kInvalidArgument, "zero or negative {} is not accepted", name);
  return step;
}

Result<TimestampNs> parse_time(std::string_view text) {
  if (text.find('.') != std::string_view::npos) {
    if (const auto seconds = parse_double(text); seconds && std::abs(*seconds) < kMaxSeconds) {
      return static_cast<TimestampNs>(std::llround(*seconds * 1e9));
    }
  }
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (!text.empty() && error == std::errc() && end == text.data() + text.size()) {
    return text.size() <= kMaxSecondsDigits ? integer * kNsPerSecond : integer;
  }
  return parse_rfc3339(text);
}

Result<std::int64_t> parse_seconds_or_duration(std::string_view text) {
  if (const auto seconds = parse_double(text); seconds && std::abs(*seconds) < kMaxSeconds) {
    return std::llround(*seconds * 1e9);
  }
  return parse_duration(text);
}

Result<TimeRange> parse_range(const Parameters& parameters, TimestampNs now,
                              std::int64_t default_range) {
  TimeRange range{0, now};
  if (const std::string_view end = parameters.get("end"); !end.empty()) {
    LIVEDATA_TRY(range.end, parse_time(end));
  }
  // What begins a while back, begins so long before now if the end is still to come.
  const TimestampNs from = std::min(range.end, now);
  const std::string_view start = parameters.get("start");
  if (!start.empty()) {
    LIVEDATA_TRY(range.start, parse_time(start));
  } else if (const std::string_view since = parameters.get("since"); !since.empty()) {
    LIVEDATA_TRY(const std::int64_t back, parse_seconds_or_duration(since));
    range.start = from - back;
  } else {
    range.start = from - default_range;
  }
  if (range.end < range.start)
    return fail(ErrorCode::kInvalidArgument,
                "end timestamp must not be before or equal to start time");
  return range;
}

Result<query::logql::RangeQuery> parse_range_query(const Parameters& parameters, TimestampNs now,
                                                   const Limits& limits) {
  query::logql::RangeQuery query;
  LIVEDATA_TRY(query.text, parse_query(parameters));
  LIVEDATA_TRY(const TimeRange range, parse_range(parameters, now));
  query.start = range.start;
  query.end = range.end;
  LIVEDATA_TRY(query.step_ns, parse_step(parameters, "step"));
  LIVEDATA_TRY(query.interval_ns, parse_step(parameters, "interval"));
  LIVEDATA_TRY(query.limit, parse_limit(parameters, limits.default_entries));
  LIVEDATA_TRY(query.direction, parse_direction(parameters));
  query.explain = parameters.get("explain") == "1" || parameters.get("explain") == "true";
  return query;
}

Result<query::logql::InstantQuery> parse_instant_query(const Parameters& parameters,
                                                       TimestampNs now, const Limits& limits) {
  query::logql::InstantQuery query;
  LIVEDATA_TRY(query.text, parse_query(parameters));
  query.time = now;
  if (const std::string_view time = parameters.get("time"); !time.empty()) {
    LIVEDATA_TRY(query.time, parse_time(time));
  }
  LIVEDATA_TRY(query.limit, parse_limit(parameters, limits.default_entries));
  LIVEDATA_TRY(query.direction, parse_direction(parameters));
  query.explain = parameters.get("explain") == "1" || parameters.get("explain") == "true";
  return query;
}

}  // namespace livedata::server
