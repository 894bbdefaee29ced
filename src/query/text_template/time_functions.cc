#include <algorithm>
#include <array>
#include <charconv>

#include "query/text_template/functions.h"
#include "query/text_template/time_layout.h"

namespace livedata::query::text_template {
namespace {

Result<Time> seconds_after_epoch(std::int64_t seconds) {
  Time time;
  if (__builtin_mul_overflow(seconds, kNsPerSecond, &time.ns))
    return fail(ErrorCode::kInvalidArgument, "the time {} is out of range", seconds);
  return time;
}

Result<Time> time_argument(const Value& value) {
  if (const auto* time = std::get_if<Time>(&value)) return *time;
  if (const auto* seconds = std::get_if<std::int64_t>(&value)) return seconds_after_epoch(*seconds);
  return fail(ErrorCode::kInvalidArgument, "wrong type for value; expected time.Time; got {}",
              type_name(value));
}

/// UTC, Local, and fixed offsets such as +02:00; other names need a database of zones.
std::optional<Time> zone_of(std::string_view name) {
  constexpr std::array<std::string_view, 6> kUtc = {"", "UTC", "Local", "GMT", "Etc/UTC", "Z"};
  if (std::find(kUtc.begin(), kUtc.end(), name) != kUtc.end()) return Time();
  for (const std::string_view layout : {"-07:00", "-0700", "-07"}) {
    const auto zone = parse_time(fmt::format("2006 {}", layout), fmt::format("2000 {}", name), {});
    if (zone) return zone;
  }
  return std::nullopt;
}

Result<Value> date(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string layout, text_argument(arguments[0]));
  LIVEDATA_TRY(const Time time, time_argument(arguments[1]));
  return Value(format_time(layout, time));
}

Result<Value> to_date_in(const std::string& layout, const std::string& text, const Time& zone) {
  const auto time = parse_time(layout, text, zone);
  if (!time)
    return fail(ErrorCode::kInvalidArgument, "'{}' is no time in the layout '{}'", text, layout);
  return Value(*time);
}

Result<Value> to_date(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string layout, text_argument(arguments[0]));
  LIVEDATA_TRY(const std::string text, text_argument(arguments[1]));
  return to_date_in(layout, text, Time());
}

Result<Value> to_date_in_zone(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string layout, text_argument(arguments[0]));
  LIVEDATA_TRY(const std::string zone_name, text_argument(arguments[1]));
  LIVEDATA_TRY(const std::string text, text_argument(arguments[2]));
  const auto zone = zone_of(zone_name);
  if (!zone)
    return fail(ErrorCode::kInvalidArgument,
                "unknown time zone {}; use UTC or an offset such as "
                "+02:00",
                zone_name);
  return to_date_in(layout, text, *zone);
}

/// Days, seconds, ms, us or ns since the epoch, told by the number of digits.
Result<Value> unix_to_time(Arguments arguments, const CallContext& /*context*/) {
  const std::string text = to_text(arguments[0]);
  struct Unit {
    std::size_t digits;
    std::int64_t ns;
  };
  constexpr std::array kUnits = {Unit{5, 86400 * kNsPerSecond}, Unit{10, kNsPerSecond},
                                 Unit{13, kNsPerSecond / 1000}, Unit{16, 1000}, Unit{19, 1}};
  const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
  const auto* unit = std::find_if(kUnits.begin(), kUnits.end(),
                                  [&](const Unit& u) { return u.digits == text.size(); });
  if (is_number && unit != kUnits.end()) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    Time time;
    if (read.ec == std::errc() && !__builtin_mul_overflow(number, unit->ns, &time.ns))
      return Value(time);
    return fail(ErrorCode::kInvalidArgument, "the time '{}' is out of range", text);
  }
  return fail(ErrorCode::kInvalidArgument,
              "unable to parse time '{}': 5, 10, 13, 16 or 19 digits "
              "are expected",
              text);
}

template <std::int64_t kUnitNs>
Result<Value> unix_epoch(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const Time time, time_argument(arguments[0]));
  return Value(std::to_string(units_since_epoch(time, kUnitNs)));
}

constexpr std::array kFunctions = {
    Function{
        "now", 0, 0,
        [](Arguments, const CallContext& c) { return Result<Value>(Value(Time{.ns = c.now})); }},
    Function{"__timestamp__", 0, 0,
             [](Arguments, const CallContext& c) {
               return Result<Value>(Value(Time{.ns = c.timestamp}));
             }},
    Function{"date", 2, 2, date},
    Function{"toDate", 2, 2, to_date},
    Function{"toDateInZone", 3, 3, to_date_in_zone},
    Function{"unixEpoch", 1, 1, unix_epoch<kNsPerSecond>},
    Function{"unixEpochMillis", 1, 1, unix_epoch<kNsPerSecond / 1000>},
    Function{"unixEpochNanos", 1, 1, unix_epoch<1>},
    Function{"unixToTime", 1, 1, unix_to_time},
};

}  // namespace

std::span<const Function> time_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
