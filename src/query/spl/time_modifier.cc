#include "query/spl/time_modifier.h"

#include <array>
#include <charconv>
#include <chrono>
#include <string>

#include "base/time_format.h"
#include "query/spl/cursor.h"

namespace livedata::query::spl {
namespace {

constexpr std::int64_t kDaySeconds = 86400;
constexpr std::int64_t kMaxSeconds = 9'200'000'000;  // of what fits nanoseconds

struct NamedUnit {
  std::string_view name;
  TimeUnit unit;
};

constexpr std::int64_t kMilli = kNsPerSecond / 1000;
constexpr std::array<NamedUnit, 32> kUnits = {{
    {"us", {1000, 0}},
    {"ms", {kMilli, 0}},
    {"cs", {10 * kMilli, 0}},
    {"ds", {100 * kMilli, 0}},
    {"s", {kNsPerSecond, 0}},
    {"sec", {kNsPerSecond, 0}},
    {"secs", {kNsPerSecond, 0}},
    {"second", {kNsPerSecond, 0}},
    {"seconds", {kNsPerSecond, 0}},
    {"m", {60 * kNsPerSecond, 0}},
    {"min", {60 * kNsPerSecond, 0}},
    {"mins", {60 * kNsPerSecond, 0}},
    {"minute", {60 * kNsPerSecond, 0}},
    {"minutes", {60 * kNsPerSecond, 0}},
    {"h", {3600 * kNsPerSecond, 0}},
    {"hr", {3600 * kNsPerSecond, 0}},
    {"hrs", {3600 * kNsPerSecond, 0}},
    {"hour", {3600 * kNsPerSecond, 0}},
    {"hours", {3600 * kNsPerSecond, 0}},
    {"d", {kDaySeconds * kNsPerSecond, 0}},
    {"day", {kDaySeconds * kNsPerSecond, 0}},
    {"days", {kDaySeconds * kNsPerSecond, 0}},
    {"w", {7 * kDaySeconds * kNsPerSecond, 0}},
    {"week", {7 * kDaySeconds * kNsPerSecond, 0}},
    {"weeks", {7 * kDaySeconds * kNsPerSecond, 0}},
    {"mon", {0, 1}},
    {"month", {0, 1}},
    {"months", {0, 1}},
    {"q", {0, 3}},
    {"y", {0, 12}},
    {"yr", {0, 12}},
    {"year", {0, 12}},
}};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// A time as whole days and the rest of a day.
struct CalendarTime {
  std::chrono::year_month_day date = {};
  std::int64_t rest = 0;  ///< nanoseconds
};

CalendarTime split(TimestampNs time) {
  constexpr std::int64_t kDayNs = kDaySeconds * kNsPerSecond;
  const std::int64_t day = floor_div(time, kDayNs);
  return {std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(day))),
          time - day * kDayNs};
}

std::optional<TimestampNs> join(const std::chrono::year_month_day& date, std::int64_t rest) {
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  if (days * kDaySeconds > kMaxSeconds || days * kDaySeconds < -kMaxSeconds) return std::nullopt;
  return days * kDaySeconds * kNsPerSecond + rest;
}

std::optional<TimestampNs> add_months(TimestampNs time, std::int64_t months) {
  auto [date, rest] = split(time);
  constexpr std::int64_t kMost = 12 * 1000;
  if (months > kMost || months < -kMost) return std::nullopt;
  date += std::chrono::months(static_cast<int>(months));
  // The last day of a month that is shorter.
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return join(date, rest);
}

std::optional<TimestampNs> add(TimestampNs time, std::int64_t count, const TimeUnit& unit) {
  std::int64_t length = 0;
  if (__builtin_mul_overflow(count, unit.months > 0 ? unit.months : unit.ns, &length))
    return std::nullopt;
  if (unit.months > 0) return add_months(time, length);
  if (__builtin_add_overflow(time, length, &time)) return std::nullopt;
  return time;
}

std::optional<TimestampNs> snap(TimestampNs time, const TimeUnit& unit) {
  constexpr std::int64_t kWeekNs = 7 * kDaySeconds * kNsPerSecond;
  if (unit.months > 0) {
    auto [date, rest] = split(time);
    const unsigned month = static_cast<unsigned>(date.month()) - 1;
    const unsigned first = month - month % static_cast<unsigned>(unit.months);
    return join(date.year() / std::chrono::month(first + 1) / std::chrono::day(1), 0);
  }
  // 1970 began on a Thursday, four days into its week.
  const std::int64_t shift = unit.ns == kWeekNs ? 4 * kDaySeconds * kNsPerSecond : 0;
  std::int64_t shifted = 0;
  if (__builtin_add_overflow(time, shift, &shifted)) return std::nullopt;
  return floor_div(shifted, unit.ns) * unit.ns - shift;
}

/// -15m@m and the like: steps from left to right.
class Steps {
 public:
  Steps(std::string_view text, TimestampNs now) : rest_(text), time_(now) {}

  std::optional<TimestampNs> run() {
    while (!rest_.empty()) {
      const char sign = rest_.front();
      rest_.remove_prefix(1);
      const bool is_done =
          sign == '@' ? take_snap() : (sign == '+' || sign == '-') && take_move(sign);
      if (!is_done) return std::nullopt;
    }
    return time_;
  }

 private:
  std::string_view take_letters() {
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] >= 'a' && rest_[size] <= 'z') ++size;
    const std::string_view letters = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return letters;
  }

  bool take_move(char sign) {
    std::int64_t count = 1;
    const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), count);
    if (code == std::errc::result_out_of_range || count < 0) return false;
    if (code == std::errc()) rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    const std::string_view name = take_letters();
    if (code != std::errc() && name.empty()) return false;
    const auto unit = find_time_unit(name.empty() ? "s" : name);
    if (!unit) return false;
    return set(add(time_, sign == '-' ? -count : count, *unit));
  }

  bool take_snap() {
    const std::string_view name = take_letters();
    const auto unit = find_time_unit(name);
    if (!unit || !set(snap(time_, *unit))) return false;
    const bool has_day = name == "w" && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7';
    if (!has_day) return true;
    const std::int64_t day = (rest_[0] - '0') % 7;
    rest_.remove_prefix(1);
    const TimeUnit whole_day{kDaySeconds * kNsPerSecond, 0};
    const TimestampNs begin = time_;
    if (!set(add(begin, day, whole_day))) return false;
    return time_ <= start_ || set(add(time_, -7, whole_day));
  }

  bool set(const std::optional<TimestampNs>& time) {
    if (time) time_ = *time;
    return time.has_value();
  }

  std::string_view rest_;
  TimestampNs time_;
  const TimestampNs start_ = time_;
};

/// 01/31/2026:13:30:00 as RFC 3339; else "".
std::string from_american(std::string_view text) {
  if (text.size() != 19 || text[2] != '/' || text[5] != '/' || text[10] != ':') return {};
  return fmt::format("{}-{}-{}T{}Z", text.substr(6, 4), text.substr(0, 2), text.substr(3, 2),
                     text.substr(11));
}

/// 1767225600 or 1767225600.25
std::optional<TimestampNs> from_seconds(std::string_view text) {
  std::int64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto [at, code] = std::from_chars(text.data(), end, whole);
  if (code != std::errc() || whole > kMaxSeconds || whole < -kMaxSeconds) return std::nullopt;
  std::string fraction(at, end);
  if (fraction.empty()) return whole * kNsPerSecond;
  const bool is_fraction = fraction[0] == '.' && fraction.size() > 1 && whole >= 0 &&
                           fraction.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!is_fraction) return std::nullopt;
  fraction.resize(10, '0');
  std::int64_t ns = 0;
  std::from_chars(fraction.data() + 1, fraction.data() + fraction.size(), ns);
  return whole * kNsPerSecond + ns;
}

}  // namespace

std::optional<TimeUnit> find_time_unit(std::string_view name) {
  for (const NamedUnit& known : kUnits) {
    if (known.name == name) return known.unit;
  }
  return std::nullopt;
}

Result<TimestampNs> resolve_time(std::string_view modifier, TimestampNs now) {
  const std::string text = lower(modifier);
  if (text == "now" || text == "now()") return now;
  std::string_view steps = text;
  if (steps.starts_with("now")) steps.remove_prefix(3);
  if (!steps.empty() && (steps[0] == '@' || steps[0] == '+' || steps[0] == '-')) {
    if (const auto time = Steps(steps, now).run()) return *time;
  } else if (const auto time = from_seconds(text)) {
    return *time;
  } else if (auto rfc = parse_rfc3339(modifier)) {
    return rfc;
  } else if (auto date = parse_rfc3339(std::string(modifier) + "T00:00:00Z")) {
    return date;
  } else if (auto american = parse_rfc3339(from_american(modifier))) {
    return american;
  }
  return fail(ErrorCode::kInvalidArgument,
              "'{}' is no time; it can be -15m@m, @d, now, seconds since 1970 or "
              "2026-01-31T13:30:00Z",
              modifier);
}

}  // namespace livedata::query::spl
