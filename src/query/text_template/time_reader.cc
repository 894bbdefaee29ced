#include <chrono>

#include "query/text_template/time_layout.h"
#include "query/text_template/time_parts.h"

namespace livedata::query::text_template {
namespace {

// Those that nanoseconds in an int64 hold as a whole.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

/// Nothing for a day that there is not, or that is out of range.
std::optional<TimestampNs> ns_of(const Clock& clock, std::int64_t offset_seconds) {
  const auto ymd = std::chrono::year(clock.year) /
                   std::chrono::month(static_cast<unsigned>(clock.month)) /
                   std::chrono::day(static_cast<unsigned>(clock.day));
  const bool in_range = ymd.ok() && clock.hour < 24 && clock.minute < 60 && clock.second < 60 &&
                        clock.year >= kFirstYear && clock.year <= kLastYear;
  if (!in_range) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(ymd).time_since_epoch().count();
  const std::int64_t seconds =
      days * 86400 + clock.hour * 3600 + clock.minute * 60 + clock.second - offset_seconds;
  return seconds * kNsPerSecond + clock.ns;
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
      case Part::kLongMonth:
        return name(kMonths, 0, clock_.month);
      case Part::kMonth:
        return name(kMonths, 3, clock_.month);
      case Part::kLongDay: {
        int unused = 0;
        return name(kDays, 0, unused);
      }
      case Part::kDayName: {
        int unused = 0;
        return name(kDays, 3, unused);
      }
      case Part::kMonthNumber:
        return number(1, 2, clock_.month);
      case Part::kMonthZero:
        return number(2, 2, clock_.month);
      case Part::kDaySpace:
        skip_spaces();
        return number(1, 2, clock_.day);
      case Part::kDay:
        return number(1, 2, clock_.day);
      case Part::kDayZero:
        return number(2, 2, clock_.day);
      case Part::kYearDay: {
        int unused = 0;
        return number(3, 3, unused);
      }
      case Part::kHour:
        return number(2, 2, clock_.hour);
      case Part::kHour12:
      case Part::kHour12Zero:
        has_hour12_ = true;
        return number(1, 2, clock_.hour);
      case Part::kMinute:
      case Part::kMinuteZero:
        return number(1, 2, clock_.minute);
      case Part::kSecond:
      case Part::kSecondZero:
        return number(1, 2, clock_.second) && optional_fraction();
      case Part::kYearDaySpace: {
        int unused = 0;
        skip_spaces();
        return number(1, 3, unused);
      }
      case Part::kUnderscoreYear:
        return literal("_") && number(4, 4, clock_.year);
      case Part::kLongYear:
        return number(4, 4, clock_.year);
      case Part::kYear: {
        if (!number(2, 2, clock_.year)) return false;
        clock_.year += clock_.year >= 69 ? 1900 : 2000;
        return true;
      }
      case Part::kUpperPm:
      case Part::kLowerPm:
        return afternoon();
      case Part::kZone:
        return zone_name();
      case Part::kFraction:
        return optional_fraction();
      default:
        return offset(part);
    }
  }

  std::optional<Time> finish(const Time& zone) {
    if (!rest_.empty() || (has_hour12_ && (clock_.hour < 1 || clock_.hour > 12)))
      return std::nullopt;
    if (is_pm_ && clock_.hour < 12) clock_.hour += 12;
    if (is_am_ && clock_.hour == 12) clock_.hour = 0;
    Time time = zone;
    if (offset_) {
      time.offset_seconds = *offset_;
      time.zone = *offset_ == 0 ? "UTC" : offset_text(*offset_, "");
    }
    // A name alone doesn't tell where the zone is.
    if (!zone_name_.empty() && zone_name_ != time.zone) {
      if (!offset_) time.offset_seconds = 0;
      time.zone = zone_name_;
    }
    const auto ns = ns_of(clock_, time.offset_seconds);
    if (!ns) return std::nullopt;
    time.ns = *ns;
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

  void skip_spaces() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
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
    if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || rest_[1] < '0' ||
        rest_[1] > '9')
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
    zone_name_ = rest_.substr(0, size);
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
    int seconds = 0;
    if (!number(2, 2, hours)) return false;
    const bool has_minutes = part != Part::kIsoHours && part != Part::kHours;
    const bool has_seconds = part == Part::kIsoSecondsColon || part == Part::kIsoSeconds ||
                             part == Part::kSecondsColon || part == Part::kSeconds;
    const std::string_view separator = part == Part::kIsoColon || part == Part::kColon ||
                                               part == Part::kIsoSecondsColon ||
                                               part == Part::kSecondsColon
                                           ? ":"
                                           : "";
    if (has_minutes && !(literal(separator) && number(2, 2, minutes))) return false;
    if (has_seconds && !(literal(separator) && number(2, 2, seconds))) return false;
    if (hours > 24 || minutes > 59 || seconds > 59) return false;
    const std::int64_t size = hours * 3600 + minutes * 60 + seconds;
    offset_ = negative ? -size : size;
    return true;
  }

  std::string_view rest_;
  Clock clock_;
  std::optional<std::int64_t> offset_;
  std::string zone_name_;
  bool has_hour12_ = false;
  bool is_am_ = false;
  bool is_pm_ = false;
};

}  // namespace

std::optional<Time> parse_time(std::string_view layout, std::string_view text, const Time& zone) {
  TimeReader reader(text);
  const bool matches = walk(
      layout, [&](std::string_view literal) { return reader.literal(literal); },
      [&](Part part, std::string_view /*layout*/) { return reader.part(part); });
  return matches ? reader.finish(zone) : std::nullopt;
}

}  // namespace livedata::query::text_template
