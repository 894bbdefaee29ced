#include "ingest/pipeline/time/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/check.h"
#include "ingest/pipeline/settings/options.h"

namespace livedata::ingest::pipeline {
namespace {

using Part = TimeFormat::Part;
using Token = TimeFormat::Token;

constexpr std::int64_t kDay = 86'400;
// Those that nanoseconds in an int64 hold as a whole.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// What was read of a time so far.
struct Clock {
  int year = -1;
  int month = -1;
  int day = -1;
  int day_of_year = -1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t ns = 0;
  bool is_afternoon = false;
  bool is_half_day = false;
  std::optional<std::int64_t> offset;
  std::optional<std::int64_t> epoch;
};

/// Reads the parts of a time from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool read(const std::vector<Token>& tokens) {
    return std::all_of(tokens.begin(), tokens.end(), [this](const Token& t) { return part(t); }) &&
           rest_.empty();
  }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  bool part(const Token& token) {
    switch (token.part) {
      case Part::kLiteral:
        return take(token.literal);
      case Part::kSpace: {
        const std::size_t size = std::min(rest_.find_first_not_of(" \t"), rest_.size());
        rest_.remove_prefix(size);
        return size > 0;
      }
      case Part::kYear:
        return number(4, 4, clock_.year);
      case Part::kShortYear:
        if (!number(2, 2, clock_.year)) return false;
        clock_.year += clock_.year < 69 ? 2000 : 1900;
        return true;
      case Part::kMonth:
        return number(1, 2, clock_.month);
      case Part::kMonthName:
        return name(kMonths, clock_.month);
      case Part::kDay:
        take(' ');  // "Jan  2"
        return number(1, 2, clock_.day);
      case Part::kDayOfYear:
        return number(1, 3, clock_.day_of_year);
      case Part::kWeekdayName: {
        int unused = 0;
        return name(kWeekdays, unused);
      }
      default:
        return part_of_day(token.part);
    }
  }

  bool part_of_day(Part part) {
    switch (part) {
      case Part::kHour:
      case Part::kHour12:
        take(' ');
        clock_.is_half_day = clock_.is_half_day || part == Part::kHour12;
        return number(1, 2, clock_.hour);
      case Part::kHalf:
        return half();
      case Part::kMinute:
        return number(2, 2, clock_.minute);
      case Part::kSecond:
        return number(2, 2, clock_.second);
      case Part::kFraction:
        return fraction();
      case Part::kMaybeFraction:
        if (rest_.size() < 2 || (rest_.front() != '.' && rest_.front() != ',') ||
            !is_digit(rest_[1]))
          return true;
        rest_.remove_prefix(1);
        return fraction();
      case Part::kDateTime:
        return take('T') || take('t') || take(' ');
      case Part::kOffset:
        return offset();
      case Part::kZoneName:
        return zone_name();
      case Part::kEpochSeconds:
        return epoch();
      default:
        return false;
    }
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool number(std::size_t least, std::size_t most, int& value) {
    std::size_t digits = 0;
    int found = 0;
    while (digits < std::min(most, rest_.size()) && is_digit(rest_[digits]))
      found = found * 10 + (rest_[digits++] - '0');
    if (digits < least) return false;
    rest_.remove_prefix(digits);
    value = found;
    return true;
  }

  template <std::size_t N>
  bool name(const std::array<std::string_view, N>& names, int& value) {
    const auto starts_with = [this](std::string_view name) {
      return rest_.size() >= name.size() &&
             std::equal(name.begin(), name.end(), rest_.begin(),
                        [](char a, char b) { return a == lower(b); });
    };
    for (std::size_t i = 0; i < N; ++i) {
      if (!starts_with(names[i].substr(0, 3))) continue;
      rest_.remove_prefix(starts_with(names[i]) ? names[i].size() : 3);
      value = static_cast<int>(i) + 1;
      return true;
    }
    return false;
  }

  bool half() {
    if (rest_.size() < 2 || lower(rest_[1]) != 'm') return false;
    clock_.is_afternoon = lower(rest_[0]) == 'p';
    clock_.is_half_day = true;
    const bool good = clock_.is_afternoon || lower(rest_[0]) == 'a';
    rest_.remove_prefix(2);
    return good;
  }

  /// Digits behind the ninth are read over.
  bool fraction() {
    std::int64_t scale = kNsPerSecond / 10;
    std::size_t digits = 0;
    while (digits < rest_.size() && is_digit(rest_[digits])) {
      clock_.ns += (rest_[digits] - '0') * scale;
      scale /= 10;
      ++digits;
    }
    rest_.remove_prefix(digits);
    return digits > 0;
  }

  bool offset() {
    if (take('Z') || take('z')) {
      clock_.offset = 0;
      return true;
    }
    const bool negative = rest_.starts_with('-');
    int hours = 0;
    int minutes = 0;
    if (!(take('+') || take('-')) || !number(2, 2, hours)) return false;
    if (take(':') || (!rest_.empty() && is_digit(rest_.front()))) {
      if (!number(2, 2, minutes)) return false;
    }
    clock_.offset = (negative ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
  }

  /// Abbreviations such as CST mean several zones; of those the configured one counts.
  bool zone_name() {
    std::size_t size = 0;
    while (size < rest_.size() && is_letter(rest_[size])) ++size;
    const std::string_view name = rest_.substr(0, size);
    if (name == "UTC" || name == "GMT" || name == "Z") clock_.offset = 0;
    rest_.remove_prefix(size);
    return size > 0;
  }

  bool epoch() {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value >= INT64_MAX / kNsPerSecond ||
        value <= INT64_MIN / kNsPerSecond)
      return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    clock_.epoch = value;
    return true;
  }

  std::string_view rest_;
  Clock clock_;
};

/// Days since 1970, or nothing for a day that there is not.
std::optional<std::int64_t> days_of(const Clock& clock, int year) {
  namespace c = std::chrono;
  if (year < kFirstYear || year > kLastYear) return std::nullopt;
  if (clock.day_of_year > 0) {
    if (clock.day_of_year > (c::year(year).is_leap() ? 366 : 365)) return std::nullopt;
    return c::sys_days(c::year(year) / c::January / 1).time_since_epoch().count() +
           clock.day_of_year - 1;
  }
  const c::year_month_day date{c::year(year),
                               c::month(static_cast<unsigned>(std::max(clock.month, 0))),
                               c::day(static_cast<unsigned>(std::max(clock.day, 0)))};
  if (!date.ok()) return std::nullopt;
  return c::sys_days(date).time_since_epoch().count();
}

std::optional<TimestampNs> to_utc(const Clock& clock, std::int64_t days, const TimeZone& zone) {
  int hour = clock.hour;
  if (clock.is_half_day) {
    if (hour < 1 || hour > 12) return std::nullopt;
    hour = hour % 12 + (clock.is_afternoon ? 12 : 0);
  }
  // Second 60 is a leap second; it counts as the second after.
  if (hour > 23 || clock.minute > 59 || clock.second > 60) return std::nullopt;
  const std::int64_t local = days * kDay + hour * 3600 + clock.minute * 60 + clock.second;
  const std::int64_t seconds = clock.offset ? local - *clock.offset : zone.to_utc(local);
  return seconds * kNsPerSecond + clock.ns;
}

std::optional<TimestampNs> resolve(const Clock& clock, const TimeZone& zone, TimestampNs now) {
  if (clock.epoch) return *clock.epoch * kNsPerSecond + clock.ns;
  const std::int64_t now_seconds = now / kNsPerSecond;
  const std::int64_t today =
      (now_seconds + (clock.offset ? *clock.offset : zone.offset_at(now_seconds))) / kDay;
  const bool has_date = clock.day > 0 || clock.day_of_year > 0 || clock.month > 0;
  if (!has_date && clock.year < 0) return to_utc(clock, today, zone);
  if (clock.year >= 0) {
    const auto days = days_of(clock, clock.year);
    return days ? to_utc(clock, *days, zone) : std::nullopt;
  }
  namespace c = std::chrono;
  const int this_year = static_cast<int>(c::year_month_day(c::sys_days(c::days(today))).year());
  // A December that is read in January, and 29 February, are of the last year that had them.
  for (int year = this_year + 1; year >= this_year - 4; --year) {
    const auto days = days_of(clock, year);
    const auto time = days ? to_utc(clock, *days, zone) : std::nullopt;
    if (time && *time <= now + kDay * kNsPerSecond) return time;
  }
  return std::nullopt;
}

std::optional<TimestampNs> from_number(double number, double unit) {
  const double ns = number * unit;
  return std::abs(ns) < 9.2e18 ? std::optional(static_cast<TimestampNs>(ns)) : std::nullopt;
}

/// "1700000000.123" in units of `unit` nanoseconds, exactly.
std::optional<TimestampNs> from_digits(std::string_view text, std::int64_t unit) {
  std::int64_t whole = 0;
  const char* end_of_text = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), end_of_text, whole);
  if (error != std::errc() || whole > INT64_MAX / unit - 1 || whole < INT64_MIN / unit + 1)
    return std::nullopt;
  std::int64_t fraction = 0;
  if (end != end_of_text) {
    if (*end != '.' || end + 1 == end_of_text) return std::nullopt;
    std::int64_t scale = unit;
    for (const char* at = end + 1; at != end_of_text; ++at) {
      if (!is_digit(*at)) return std::nullopt;
      scale /= 10;
      fraction += (*at - '0') * scale;
    }
  }
  return whole * unit + (text.starts_with('-') ? -fraction : fraction);
}

/// Seconds, milliseconds, microseconds or nanoseconds by their size; the borders lie in the years
/// 5138 (as seconds) and 1973 (as the next finer unit).
std::int64_t likely_unit(double number) {
  const double magnitude = std::abs(number);
  return magnitude < 1e11   ? kNsPerSecond
         : magnitude < 1e14 ? 1'000'000
         : magnitude < 1e17 ? 1'000
                            : 1;
}

std::optional<TimestampNs> read_unix(const FieldValue& value, std::optional<std::int64_t> unit) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    const std::int64_t factor = unit ? *unit : likely_unit(static_cast<double>(*integer));
    if (*integer > INT64_MAX / factor || *integer < INT64_MIN / factor) return std::nullopt;
    return *integer * factor;
  }
  if (const auto* number = std::get_if<double>(&value))
    return from_number(*number, static_cast<double>(unit ? *unit : likely_unit(*number)));
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr || text->empty()) return std::nullopt;
  if (unit) return from_digits(*text, *unit);
  double size = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), size);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return from_digits(*text, likely_unit(size));
}

std::optional<TimestampNs> read_parts(const std::vector<Token>& tokens, const FieldValue& value,
                                      const TimeZone& zone, TimestampNs now) {
  const auto* text = std::get_if<std::string_view>(&value);
  Reader reader(text == nullptr ? std::string_view() : *text);
  return reader.read(tokens) ? resolve(reader.clock(), zone, now) : std::nullopt;
}

/// RFC 3339; a space in place of the T and a missing zone are taken as well.
std::vector<Token> rfc3339(bool with_zone) {
  const auto dash = Token{Part::kLiteral, '-'};
  const auto colon = Token{Part::kLiteral, ':'};
  const auto part = [](Part p) { return Token{p, '\0'}; };
  std::vector<Token> tokens = {part(Part::kYear),   dash,
                               part(Part::kMonth),  dash,
                               part(Part::kDay),    part(Part::kDateTime),
                               part(Part::kHour),   colon,
                               part(Part::kMinute), colon,
                               part(Part::kSecond), part(Part::kMaybeFraction)};
  if (with_zone) tokens.push_back(part(Part::kOffset));
  return tokens;
}

/// What Auto tries one after the other.
std::vector<std::vector<Token>> usual_formats() {
  std::vector<std::vector<Token>> formats = {rfc3339(true), rfc3339(false)};
  for (const char* format :
       {"%d/%b/%Y:%H:%M:%S %z", "%b %e %H:%M:%S", "%a %b %e %H:%M:%S %Y", "%Y/%m/%d %H:%M:%S",
        "%a, %d %b %Y %H:%M:%S %z", "%a, %d %b %Y %H:%M:%S %Z"}) {
    auto tokens = parse_strptime(format);
    if (tokens) formats.push_back(*std::move(tokens));
  }
  return formats;
}

std::optional<TimestampNs> read_usual(const FieldValue& value, const TimeZone& zone,
                                      TimestampNs now) {
  static const std::vector<std::vector<Token>> kFormats = usual_formats();
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr || text->empty()) return std::nullopt;
  for (const std::vector<Token>& format : kFormats) {
    if (const auto time = read_parts(format, *text, zone, now)) return time;
  }
  return std::nullopt;
}

}  // namespace

Result<TimeFormat> TimeFormat::make(std::string_view format) {
  TimeFormat out;
  if (format.find('%') != std::string_view::npos) {
    LIVEDATA_TRY(out.tokens_, parse_strptime(format));
    return out;
  }
  const auto unix = [&out](std::int64_t unit) {
    out.kind_ = Kind::kUnix;
    out.unit_ = unit;
    return out;
  };
  if (format == "Unix") return unix(kNsPerSecond);
  if (format == "UnixMs") return unix(1'000'000);
  if (format == "UnixUs") return unix(1'000);
  if (format == "UnixNs") return unix(1);
  if (format == "RFC3339" || format == "RFC3339Nano") {
    out.tokens_ = rfc3339(true);
    return out;
  }
  if (format == "Auto") {
    out.kind_ = Kind::kAuto;
    return out;
  }
  if (format.find("2006") != std::string_view::npos ||
      format.find("15:04") != std::string_view::npos) {
    out.tokens_ = parse_go_layout(format);
    return out;
  }
  return fail(ErrorCode::kInvalidArgument,
              "'{}' is no time format; {}, or a format such as '%d/%b/%Y:%H:%M:%S %z'", format,
              hint_of(format, {"RFC3339", "Unix", "UnixMs", "UnixUs", "UnixNs", "Auto"}));
}

TimeFormat TimeFormat::of(std::string_view format) {
  auto made = make(format);
  LIVEDATA_CHECK(made.has_value());
  return *std::move(made);
}

std::optional<TimestampNs> TimeFormat::read(const FieldValue& value, const TimeZone& zone,
                                            TimestampNs now) const {
  switch (kind_) {
    case Kind::kParts:
      return read_parts(tokens_, value, zone, now);
    case Kind::kUnix:
      return read_unix(value, unit_);
    case Kind::kAuto:
      if (const auto time = read_unix(value, std::nullopt)) return time;
      return read_usual(value, zone, now);
  }
  return std::nullopt;
}

}  // namespace livedata::ingest::pipeline
