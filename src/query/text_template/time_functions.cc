#include "query/text_template/time_functions.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

/// Parts of the reference time; a longer one before its beginnings.
enum class Part {
  kLongMonth, kMonth, kMonthNumber, kMonthZero,
  kLongDay, kDayName, kDay, kDaySpace, kDayZero, kYearDay,
  kHour, kHour12, kHour12Zero, kMinute, kMinuteZero, kSecond, kSecondZero,
  kLongYear, kYear, kUpperPm, kLowerPm, kZone,
  kIsoSecondsColon, kIsoSeconds, kIsoColon, kIso, kIsoHours,
  kSecondsColon, kSeconds, kColon, kNumeric, kHours,
  kFraction,
};
struct Layout {
  std::string_view text;
  Part part;
};
constexpr std::array kLayouts = {
    Layout{"January", Part::kLongMonth}, Layout{"Jan", Part::kMonth},
    Layout{"Monday", Part::kLongDay}, Layout{"Mon", Part::kDayName}, Layout{"MST", Part::kZone},
    Layout{"2006", Part::kLongYear}, Layout{"002", Part::kYearDay}, Layout{"01", Part::kMonthZero},
    Layout{"02", Part::kDayZero}, Layout{"03", Part::kHour12Zero}, Layout{"04", Part::kMinuteZero},
    Layout{"05", Part::kSecondZero}, Layout{"06", Part::kYear}, Layout{"15", Part::kHour},
    Layout{"_2", Part::kDaySpace}, Layout{"1", Part::kMonthNumber}, Layout{"2", Part::kDay},
    Layout{"3", Part::kHour12}, Layout{"4", Part::kMinute}, Layout{"5", Part::kSecond},
    Layout{"PM", Part::kUpperPm}, Layout{"pm", Part::kLowerPm},
    Layout{"Z07:00:00", Part::kIsoSecondsColon}, Layout{"Z070000", Part::kIsoSeconds},
    Layout{"Z07:00", Part::kIsoColon}, Layout{"Z0700", Part::kIso}, Layout{"Z07", Part::kIsoHours},
    Layout{"-07:00:00", Part::kSecondsColon}, Layout{"-070000", Part::kSeconds},
    Layout{"-07:00", Part::kColon}, Layout{"-0700", Part::kNumeric}, Layout{"-07", Part::kHours},
};

/// Length of a fraction such as .000 or .999 at the start; 0 if there is none.
std::size_t fraction_length(std::string_view layout) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return 0;
  const char digit = layout[1];
  if (digit != '0' && digit != '9') return 0;
  const std::size_t end = std::min(layout.find_first_not_of(digit, 1), layout.size());
  const bool digit_follows = end < layout.size() && layout[end] >= '0' && layout[end] <= '9';
  return digit_follows ? 0 : end;
}

/// Calls literal(text) and part(Part, its layout) for what a layout consists of; part may stop it.
template <class OnLiteral, class OnPart>
bool walk(std::string_view layout, const OnLiteral& literal, const OnPart& part) {
  std::size_t plain = 0;
  while (plain < layout.size()) {
    const std::string_view rest = layout.substr(plain);
    const auto* found = std::find_if(kLayouts.begin(), kLayouts.end(),
                                     [&](const Layout& l) { return rest.starts_with(l.text); });
    std::size_t size = found == kLayouts.end() ? 0 : found->text.size();
    Part kind = found == kLayouts.end() ? Part::kFraction : found->part;
    if (const std::size_t fraction = fraction_length(rest); fraction > 0) {
      size = fraction;
      kind = Part::kFraction;
    }
    if (size == 0) {
      ++plain;
      continue;
    }
    if (!literal(layout.substr(0, plain)) || !part(kind, rest.substr(0, size))) return false;
    layout = rest.substr(size);
    plain = 0;
  }
  return literal(layout);
}

/// A time as the clock on the wall of its zone shows it.
struct Clock {
  int year = 1;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t ns = 0;
  int weekday = 0;
  int year_day = 1;
};

Clock clock_of(const Time& time) {
  using std::chrono::days;
  const std::int64_t local = time.ns + time.offset_seconds * kNsPerSecond;
  constexpr std::int64_t kNsPerDay = 86400 * kNsPerSecond;
  const std::int64_t day = (local >= 0 ? local : local - kNsPerDay + 1) / kNsPerDay;
  const std::int64_t in_day = local - day * kNsPerDay;
  const std::chrono::sys_days date{days(day)};
  const std::chrono::year_month_day ymd{date};
  Clock clock;
  clock.year = static_cast<int>(ymd.year());
  clock.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  clock.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  clock.hour = static_cast<int>(in_day / (3600 * kNsPerSecond));
  clock.minute = static_cast<int>(in_day / (60 * kNsPerSecond) % 60);
  clock.second = static_cast<int>(in_day / kNsPerSecond % 60);
  clock.ns = in_day % kNsPerSecond;
  clock.weekday = static_cast<int>(std::chrono::weekday(date).c_encoding());
  const std::chrono::sys_days first{ymd.year() / std::chrono::January / 1};
  clock.year_day = static_cast<int>((date - first).count()) + 1;
  return clock;
}

TimestampNs ns_of(const Clock& clock, std::int64_t offset_seconds) {
  const auto ymd = std::chrono::year(clock.year) / std::chrono::month(static_cast<unsigned>(clock.month)) /
                   std::chrono::day(static_cast<unsigned>(clock.day));
  const std::int64_t days = std::chrono::sys_days(ymd).time_since_epoch().count();
  const std::int64_t seconds =
      days * 86400 + clock.hour * 3600 + clock.minute * 60 + clock.second - offset_seconds;
  return seconds * kNsPerSecond + clock.ns;
}

std::string offset_text(std::int64_t offset, bool iso, bool colon, bool minutes, bool seconds) {
  if (iso && offset == 0) return "Z";
  const std::int64_t size = std::abs(offset);
  std::string out = fmt::format("{}{:02}", offset < 0 ? '-' : '+', size / 3600);
  if (minutes) out += fmt::format("{}{:02}", colon ? ":" : "", size / 60 % 60);
  if (seconds) out += fmt::format("{}{:02}", colon ? ":" : "", size % 60);
  return out;
}

std::string fraction_text(std::int64_t ns, std::string_view layout) {
  std::string digits = fmt::format("{:09}", ns).substr(0, layout.size() - 1);
  digits.resize(layout.size() - 1, '0');
  if (layout[1] == '9') {
    digits.resize(digits.find_last_not_of('0') + 1);
    if (digits.empty()) return {};
  }
  return layout.front() + digits;
}

std::string part_text(Part part, std::string_view layout, const Time& time, const Clock& c) {
  const int hour12 = c.hour % 12 == 0 ? 12 : c.hour % 12;
  const auto month = static_cast<std::size_t>(c.month - 1);
  const auto weekday = static_cast<std::size_t>(c.weekday);
  switch (part) {
    case Part::kLongMonth: return std::string(kMonths.at(month));
    case Part::kMonth: return std::string(kMonths.at(month).substr(0, 3));
    case Part::kMonthNumber: return std::to_string(c.month);
    case Part::kMonthZero: return fmt::format("{:02}", c.month);
    case Part::kLongDay: return std::string(kDays.at(weekday));
    case Part::kDayName: return std::string(kDays.at(weekday).substr(0, 3));
    case Part::kDay: return std::to_string(c.day);
    case Part::kDaySpace: return fmt::format("{:2}", c.day);
    case Part::kDayZero: return fmt::format("{:02}", c.day);
    case Part::kYearDay: return fmt::format("{:03}", c.year_day);
    case Part::kHour: return fmt::format("{:02}", c.hour);
    case Part::kHour12: return std::to_string(hour12);
    case Part::kHour12Zero: return fmt::format("{:02}", hour12);
    case Part::kMinute: return std::to_string(c.minute);
    case Part::kMinuteZero: return fmt::format("{:02}", c.minute);
    case Part::kSecond: return std::to_string(c.second);
    case Part::kSecondZero: return fmt::format("{:02}", c.second);
    case Part::kLongYear: return fmt::format("{:04}", c.year);
    case Part::kYear: return fmt::format("{:02}", c.year % 100);
    case Part::kUpperPm: return c.hour < 12 ? "AM" : "PM";
    case Part::kLowerPm: return c.hour < 12 ? "am" : "pm";
    case Part::kZone: return time.zone;
    case Part::kIsoSecondsColon: return offset_text(time.offset_seconds, true, true, true, true);
    case Part::kIsoSeconds: return offset_text(time.offset_seconds, true, false, true, true);
    case Part::kIsoColon: return offset_text(time.offset_seconds, true, true, true, false);
    case Part::kIso: return offset_text(time.offset_seconds, true, false, true, false);
    case Part::kIsoHours: return offset_text(time.offset_seconds, true, false, false, false);
    case Part::kSecondsColon: return offset_text(time.offset_seconds, false, true, true, true);
    case Part::kSeconds: return offset_text(time.offset_seconds, false, false, true, true);
    case Part::kColon: return offset_text(time.offset_seconds, false, true, true, false);
    case Part::kNumeric: return offset_text(time.offset_seconds, false, false, true, false);
    case Part::kHours: return offset_text(time.offset_seconds, false, false, false, false);
    case Part::kFraction: return fraction_text(c.ns, layout);
  }
  return {};
}

/// Reads the parts of a time from a text, in the order of a layout.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  bool part(Part part) {
    switch (part) {
      case Part::kLongMonth: return name(kMonths, 0, clock_.month);
      case Part::kMonth: return name(kMonths, 3, clock_.month);
      case Part::kLongDay: { int unused = 0; return name(kDays, 0, unused); }
      case Part::kDayName: { int unused = 0; return name(kDays, 3, unused); }
      case Part::kMonthNumber: return number(1, 2, clock_.month);
      case Part::kMonthZero: return number(2, 2, clock_.month);
      case Part::kDaySpace:
        if (rest_.starts_with(' ')) rest_.remove_prefix(1);
        return number(1, 2, clock_.day);
      case Part::kDay: return number(1, 2, clock_.day);
      case Part::kDayZero: return number(2, 2, clock_.day);
      case Part::kYearDay: { int unused = 0; return number(3, 3, unused); }
      case Part::kHour: return number(1, 2, clock_.hour);
      case Part::kHour12:
      case Part::kHour12Zero: return number(1, 2, clock_.hour);
      case Part::kMinute:
      case Part::kMinuteZero: return number(1, 2, clock_.minute);
      case Part::kSecond:
      case Part::kSecondZero: return number(1, 2, clock_.second) && optional_fraction();
      case Part::kLongYear: return number(4, 4, clock_.year);
      case Part::kYear: {
        if (!number(2, 2, clock_.year)) return false;
        clock_.year += clock_.year >= 69 ? 1900 : 2000;
        return true;
      }
      case Part::kUpperPm:
      case Part::kLowerPm: return afternoon();
      case Part::kZone: return zone_name();
      case Part::kFraction: return optional_fraction();
      default: return offset(part);
    }
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::int64_t offset_seconds() const { return offset_.value_or(0); }

  std::optional<Time> finish(const Time& zone) {
    if (!rest_.empty()) return std::nullopt;
    if (is_pm_ && clock_.hour < 12) clock_.hour += 12;
    if (is_am_ && clock_.hour == 12) clock_.hour = 0;
    const bool in_range = clock_.month >= 1 && clock_.month <= 12 && clock_.day >= 1 && clock_.day <= 31 &&
                          clock_.hour < 24 && clock_.minute < 60 && clock_.second < 60 &&
                          clock_.year >= 1678 && clock_.year < 2262;
    if (!in_range) return std::nullopt;
    Time time = zone;
    if (offset_) {
      time.offset_seconds = *offset_;
      time.zone = *offset_ == 0 ? "UTC" : offset_text(*offset_, false, false, true, false);
    }
    time.ns = ns_of(clock_, time.offset_seconds);
    return time;
  }

 private:
  bool number(std::size_t min_digits, std::size_t max_digits, int& out) {
    std::size_t size = 0;
    int value = 0;
    while (size < max_digits && size < rest_.size() && rest_[size] >= '0' && rest_[size] <= '9')
      value = value * 10 + (rest_[size++] - '0');
    if (size < min_digits) return false;
    rest_.remove_prefix(size);
    out = value;
    return true;
  }

  template <class Names>
  bool name(const Names& names, std::size_t length, int& index) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view known = length == 0 ? names[i] : names[i].substr(0, length);
      if (!rest_.starts_with(known)) continue;
      rest_.remove_prefix(known.size());
      index = static_cast<int>(i) + 1;
      return true;
    }
    return false;
  }

  bool optional_fraction() {
    if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || rest_[1] < '0' || rest_[1] > '9')
      return true;
    rest_.remove_prefix(1);
    std::int64_t scale = kNsPerSecond / 10;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
      clock_.ns += (rest_.front() - '0') * scale;
      scale /= 10;
    }
    return true;
  }

  bool afternoon() {
    is_pm_ = rest_.starts_with("PM") || rest_.starts_with("pm");
    is_am_ = rest_.starts_with("AM") || rest_.starts_with("am");
    if (!is_pm_ && !is_am_) return false;
    rest_.remove_prefix(2);
    return true;
  }

  bool zone_name() {
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] >= 'A' && rest_[size] <= 'Z') ++size;
    if (size < 3) return false;
    if (rest_.substr(0, size) == "UTC") offset_ = 0;
    rest_.remove_prefix(size);
    return true;
  }

  bool offset(Part part) {
    const bool iso = part >= Part::kIsoSecondsColon && part <= Part::kIsoHours;
    if (iso && rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      offset_ = 0;
      return true;
    }
    if (rest_.empty() || (rest_.front() != '+' && rest_.front() != '-')) return false;
    const bool negative = rest_.front() == '-';
    rest_.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (!number(2, 2, hours)) return false;
    const bool has_minutes = part != Part::kIsoHours && part != Part::kHours;
    const bool has_colon = part == Part::kIsoColon || part == Part::kColon ||
                           part == Part::kIsoSecondsColon || part == Part::kSecondsColon;
    if (has_colon && !literal(":")) return false;
    if (has_minutes && !number(2, 2, minutes)) return false;
    const std::int64_t seconds = hours * 3600 + minutes * 60;
    offset_ = negative ? -seconds : seconds;
    return true;
  }

  std::string_view rest_;
  Clock clock_;
  std::optional<std::int64_t> offset_;
  bool is_am_ = false;
  bool is_pm_ = false;
};

Result<Time> time_argument(const Value& value) {
  if (const auto* time = std::get_if<Time>(&value)) return *time;
  if (const auto* seconds = std::get_if<std::int64_t>(&value)) return Time{*seconds * kNsPerSecond};
  return fail(ErrorCode::kInvalidArgument, "wrong type for value; expected time.Time; got {}",
              type_name(value));
}

/// UTC, Local, and fixed offsets such as +02:00; other names need a database of zones.
std::optional<Time> zone_of(std::string_view name) {
  if (name.empty() || name == "UTC" || name == "GMT" || name == "Local" || name == "Etc/UTC")
    return Time();
  TimeReader reader(name);
  if (!reader.part(Part::kColon) || !reader.at_end()) return std::nullopt;
  const std::int64_t offset = reader.offset_seconds();
  return Time{0, offset, offset_text(offset, false, false, true, false)};
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
    return fail(ErrorCode::kInvalidArgument, "unknown time zone {}; use UTC or an offset such as "
                "+02:00", zone_name);
  return to_date_in(layout, text, *zone);
}

/// Days, seconds, ms, us or ns since the epoch, told by the number of digits.
Result<Value> unix_to_time(Arguments arguments, const CallContext& /*context*/) {
  const std::string text = to_text(arguments[0]);
  const bool is_number =
      !text.empty() && text.find_first_not_of("0123456789") == std::string::npos && text.size() <= 19;
  const std::int64_t number = is_number ? to_int(Value(text)) : 0;
  struct Unit {
    std::size_t digits;
    std::int64_t ns;
  };
  constexpr std::array kUnits = {Unit{5, 86400 * kNsPerSecond}, Unit{10, kNsPerSecond},
                                 Unit{13, kNsPerSecond / 1000}, Unit{16, 1000}, Unit{19, 1}};
  for (const Unit& unit : kUnits) {
    if (is_number && unit.digits == text.size()) return Value(Time{number * unit.ns});
  }
  return fail(ErrorCode::kInvalidArgument, "unable to parse time '{}': 5, 10, 13, 16 or 19 digits "
              "are expected", text);
}

template <std::int64_t kUnitNs>
Result<Value> unix_epoch(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const Time time, time_argument(arguments[0]));
  return Value(std::to_string(time.ns / kUnitNs));
}

constexpr std::array kFunctions = {
    Function{"now", 0, 0, [](Arguments, const CallContext& c) { return Result<Value>(Value(Time{c.now})); }},
    Function{"__timestamp__", 0, 0,
             [](Arguments, const CallContext& c) { return Result<Value>(Value(Time{c.timestamp})); }},
    Function{"date", 2, 2, date},
    Function{"toDate", 2, 2, to_date},
    Function{"toDateInZone", 3, 3, to_date_in_zone},
    Function{"unixEpoch", 1, 1, unix_epoch<kNsPerSecond>},
    Function{"unixEpochMillis", 1, 1, unix_epoch<kNsPerSecond / 1000>},
    Function{"unixEpochNanos", 1, 1, unix_epoch<1>},
    Function{"unixToTime", 1, 1, unix_to_time},
};

}  // namespace

std::string format_time(std::string_view layout, const Time& time) {
  const Clock clock = clock_of(time);
  std::string out;
  walk(
      layout,
      [&](std::string_view literal) {
        out += literal;
        return true;
      },
      [&](Part part, std::string_view text) {
        out += part_text(part, text, time, clock);
        return true;
      });
  return out;
}

std::optional<Time> parse_time(std::string_view layout, std::string_view text, const Time& zone) {
  TimeReader reader(text);
  const bool matches =
      walk(layout, [&](std::string_view literal) { return reader.literal(literal); },
           [&](Part part, std::string_view) { return reader.part(part); });
  return matches ? reader.finish(zone) : std::nullopt;
}

std::span<const Function> time_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
