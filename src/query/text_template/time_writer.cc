#include <cstdlib>

#include <fmt/format.h>

#include "query/text_template/time_layout.h"
#include "query/text_template/time_parts.h"

namespace livedata::query::text_template {
namespace {

std::string zone_offset(Part part, std::int64_t offset) {
  const bool iso = part >= Part::kIsoSecondsColon && part <= Part::kIsoHours;
  if (iso && offset == 0) return "Z";
  const bool colon = part == Part::kIsoSecondsColon || part == Part::kIsoColon ||
                     part == Part::kSecondsColon || part == Part::kColon;
  const bool minutes = part != Part::kIsoHours && part != Part::kHours;
  const bool seconds = part == Part::kIsoSecondsColon || part == Part::kIsoSeconds ||
                       part == Part::kSecondsColon || part == Part::kSeconds;
  const std::string_view separator = colon ? ":" : "";
  const std::int64_t size = std::abs(offset);
  std::string out = fmt::format("{}{:02}", offset < 0 ? '-' : '+', size / 3600);
  if (minutes) out += fmt::format("{}{:02}", separator, size / 60 % 60);
  if (seconds) out += fmt::format("{}{:02}", separator, size % 60);
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
    case Part::kLongMonth:
      return std::string(kMonths.at(month));
    case Part::kMonth:
      return std::string(kMonths.at(month).substr(0, 3));
    case Part::kMonthNumber:
      return std::to_string(c.month);
    case Part::kMonthZero:
      return fmt::format("{:02}", c.month);
    case Part::kLongDay:
      return std::string(kDays.at(weekday));
    case Part::kDayName:
      return std::string(kDays.at(weekday).substr(0, 3));
    case Part::kDay:
      return std::to_string(c.day);
    case Part::kDaySpace:
      return fmt::format("{:2}", c.day);
    case Part::kDayZero:
      return fmt::format("{:02}", c.day);
    case Part::kYearDay:
      return fmt::format("{:03}", c.year_day);
    case Part::kYearDaySpace:
      return fmt::format("{:3}", c.year_day);
    case Part::kHour:
      return fmt::format("{:02}", c.hour);
    case Part::kHour12:
      return std::to_string(hour12);
    case Part::kHour12Zero:
      return fmt::format("{:02}", hour12);
    case Part::kMinute:
      return std::to_string(c.minute);
    case Part::kMinuteZero:
      return fmt::format("{:02}", c.minute);
    case Part::kSecond:
      return std::to_string(c.second);
    case Part::kSecondZero:
      return fmt::format("{:02}", c.second);
    case Part::kLongYear:
      return fmt::format("{:04}", c.year);
    case Part::kUnderscoreYear:
      return fmt::format("_{:04}", c.year);
    case Part::kYear:
      return fmt::format("{:02}", c.year % 100);
    case Part::kUpperPm:
      return c.hour < 12 ? "AM" : "PM";
    case Part::kLowerPm:
      return c.hour < 12 ? "am" : "pm";
    case Part::kZone:
      return time.zone;
    case Part::kFraction:
      return fraction_text(c.ns, layout);
    default:
      return zone_offset(part, time.offset_seconds);
  }
}

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

std::string offset_text(std::int64_t offset_seconds, std::string_view colon) {
  return zone_offset(colon.empty() ? Part::kNumeric : Part::kColon, offset_seconds);
}

}  // namespace livedata::query::text_template
