#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "query/text_template/value.h"

namespace livedata::query::text_template {

inline constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
inline constexpr std::array<std::string_view, 7> kDays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

/// Parts of the reference time; a longer one before its beginnings.
enum class Part {
  kLongMonth,
  kMonth,
  kMonthNumber,
  kMonthZero,
  kLongDay,
  kDayName,
  kDay,
  kDaySpace,
  kDayZero,
  kYearDay,
  kYearDaySpace,
  kHour,
  kHour12,
  kHour12Zero,
  kMinute,
  kMinuteZero,
  kSecond,
  kSecondZero,
  kLongYear,
  kUnderscoreYear,
  kYear,
  kUpperPm,
  kLowerPm,
  kZone,
  kIsoSecondsColon,
  kIsoSeconds,
  kIsoColon,
  kIso,
  kIsoHours,
  kSecondsColon,
  kSeconds,
  kColon,
  kNumeric,
  kHours,
  kFraction,
};
struct Layout {
  std::string_view text;
  Part part;
};
inline constexpr std::array kLayouts = {
    Layout{"January", Part::kLongMonth},
    Layout{"Jan", Part::kMonth},
    Layout{"Monday", Part::kLongDay},
    Layout{"Mon", Part::kDayName},
    Layout{"MST", Part::kZone},
    Layout{"2006", Part::kLongYear},
    Layout{"002", Part::kYearDay},
    Layout{"01", Part::kMonthZero},
    Layout{"02", Part::kDayZero},
    Layout{"03", Part::kHour12Zero},
    Layout{"04", Part::kMinuteZero},
    Layout{"05", Part::kSecondZero},
    Layout{"06", Part::kYear},
    Layout{"15", Part::kHour},
    Layout{"_2006", Part::kUnderscoreYear},
    Layout{"__2", Part::kYearDaySpace},
    Layout{"_2", Part::kDaySpace},
    Layout{"1", Part::kMonthNumber},
    Layout{"2", Part::kDay},
    Layout{"3", Part::kHour12},
    Layout{"4", Part::kMinute},
    Layout{"5", Part::kSecond},
    Layout{"PM", Part::kUpperPm},
    Layout{"pm", Part::kLowerPm},
    Layout{"Z07:00:00", Part::kIsoSecondsColon},
    Layout{"Z070000", Part::kIsoSeconds},
    Layout{"Z07:00", Part::kIsoColon},
    Layout{"Z0700", Part::kIso},
    Layout{"Z07", Part::kIsoHours},
    Layout{"-07:00:00", Part::kSecondsColon},
    Layout{"-070000", Part::kSeconds},
    Layout{"-07:00", Part::kColon},
    Layout{"-0700", Part::kNumeric},
    Layout{"-07", Part::kHours},
};

/// Length of a fraction such as .000 or .999 at the start; 0 if there is none.
std::size_t fraction_length(std::string_view layout);

/// Whether a name at the start of a text is the beginning of a longer word: there is no Jan in
/// Janet.
bool goes_on(const Layout& name, std::string_view text);

/// Calls literal(text) and part(Part, its layout) for what a layout consists of; part may stop it.
template <class OnLiteral, class OnPart>
bool walk(std::string_view layout, const OnLiteral& literal, const OnPart& part) {
  std::size_t plain = 0;
  while (plain < layout.size()) {
    const std::string_view rest = layout.substr(plain);
    const auto* found = std::find_if(kLayouts.begin(), kLayouts.end(), [&](const Layout& known) {
      return rest.starts_with(known.text) && !goes_on(known, rest);
    });
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

Clock clock_of(const Time& time);

}  // namespace livedata::query::text_template
