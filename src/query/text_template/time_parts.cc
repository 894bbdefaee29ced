#include "query/text_template/time_parts.h"

#include <chrono>

#include "query/text_template/time_layout.h"

namespace livedata::query::text_template {

/// Length of a fraction such as .000 or .999 at the start; 0 if there is none.
std::size_t fraction_length(std::string_view layout) {
  if (layout.size() < 2 || (layout[0] != '.' && layout[0] != ',')) return 0;
  const char digit = layout[1];
  if (digit != '0' && digit != '9') return 0;
  const std::size_t end = std::min(layout.find_first_not_of(digit, 1), layout.size());
  const bool digit_follows = end < layout.size() && layout[end] >= '0' && layout[end] <= '9';
  return digit_follows ? 0 : end;
}

bool goes_on(const Layout& name, std::string_view text) {
  const bool abbreviated = name.part == Part::kMonth || name.part == Part::kDayName;
  return abbreviated && text.size() > name.text.size() && text[name.text.size()] >= 'a' &&
         text[name.text.size()] <= 'z';
}

Clock clock_of(const Time& time) {
  using std::chrono::days;
  // In seconds, as the nanoseconds may be the last ones that an int64 holds.
  const std::int64_t second = units_since_epoch(time, kNsPerSecond);
  const std::int64_t local = second + time.offset_seconds;
  constexpr std::int64_t kDay = 86400;
  const std::int64_t day = (local >= 0 ? local : local - kDay + 1) / kDay;
  const std::int64_t in_day = local - day * kDay;
  const std::chrono::sys_days date{days(day)};
  const std::chrono::year_month_day ymd{date};
  Clock clock;
  clock.year = static_cast<int>(ymd.year());
  clock.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  clock.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  clock.hour = static_cast<int>(in_day / 3600);
  clock.minute = static_cast<int>(in_day / 60 % 60);
  clock.second = static_cast<int>(in_day % 60);
  clock.ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(time.ns) -
                                       static_cast<std::uint64_t>(second) *
                                           static_cast<std::uint64_t>(kNsPerSecond));
  clock.weekday = static_cast<int>(std::chrono::weekday(date).c_encoding());
  const std::chrono::sys_days first{ymd.year() / std::chrono::January / 1};
  clock.year_day = static_cast<int>((date - first).count()) + 1;
  return clock;
}

std::int64_t units_since_epoch(const Time& time, std::int64_t unit_ns) {
  const std::int64_t whole = time.ns / unit_ns;
  return time.ns % unit_ns < 0 ? whole - 1 : whole;
}

}  // namespace livedata::query::text_template
