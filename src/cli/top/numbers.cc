#include "cli/top/numbers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace livedata::cli::top {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kDay = 86'400;

std::string scaled(double value, double base, std::string_view units) {
  if (!(value > 0)) return "0";
  std::size_t unit = 0;
  // What would be rounded to 1000 of a unit is one of the next.
  while (value >= 999.5 && unit < units.size()) {
    value /= base;
    ++unit;
  }
  if (unit == 0) return fmt::format("{:.0f}", value);
  return value < 99.95 ? fmt::format("{:.1f}{}", value, units[unit - 1])
                       : fmt::format("{:.0f}{}", value, units[unit - 1]);
}

struct LocalTime {
  int year = 1970;
  unsigned month = 1, day = 1;
  std::int64_t second_of_day = 0;
};

LocalTime local(TimestampNs time, int offset) {
  const std::int64_t seconds = time / kNsPerSecond - (time % kNsPerSecond < 0 ? 1 : 0) + offset;
  const std::int64_t day = seconds / kDay - (seconds % kDay < 0 ? 1 : 0);
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(day)))};
  return {.year = static_cast<int>(date.year()),
          .month = static_cast<unsigned>(date.month()),
          .day = static_cast<unsigned>(date.day()),
          .second_of_day = seconds - day * kDay};
}

std::string_view month_name(const LocalTime& time) { return kMonths[(time.month - 1) % 12]; }

std::string time_of_day(const LocalTime& time) {
  const std::int64_t second = time.second_of_day;
  return fmt::format("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
}

}  // namespace

std::string short_bytes(double bytes) { return scaled(bytes, 1024, "KMGTPE"); }

std::string short_count(double count) { return scaled(count, 1000, "KMGTPE"); }

std::string short_percent(double percent) {
  if (!std::isfinite(percent) || percent < 0) percent = 0;
  return percent < 99.95 ? fmt::format("{:.1f}", percent) : fmt::format("{:.0f}", percent);
}

std::string short_duration(double seconds) {
  constexpr double kLongest = 1e10;
  const auto all = static_cast<std::int64_t>(std::clamp(seconds, 0.0, kLongest));
  if (all < 60) return fmt::format("{}s", all);
  if (all < 3600) return fmt::format("{}m {:02}s", all / 60, all % 60);
  if (all < kDay) return fmt::format("{}h {:02}m", all / 3600, all / 60 % 60);
  return fmt::format("{}d {:02}h", all / kDay, all / 3600 % 24);
}

std::string clock_text(TimestampNs time, int offset) { return time_of_day(local(time, offset)); }

std::string clock_text_ms(TimestampNs time, int offset) {
  const std::int64_t fraction = ((time % kNsPerSecond) + kNsPerSecond) % kNsPerSecond;
  return fmt::format("{}.{:03}", clock_text(time, offset), fraction / 1'000'000);
}

std::string start_text(TimestampNs start, TimestampNs now, int offset) {
  const LocalTime time = local(start, offset);
  const std::int64_t age = (now - start) / kNsPerSecond;
  if (age < kDay) return time_of_day(time).substr(0, 5);
  if (age < 180 * kDay) return fmt::format("{}{:02}", month_name(time), time.day);
  return fmt::format("{:04}", time.year);
}

std::string long_time_text(TimestampNs time, TimestampNs now, int offset) {
  const LocalTime parts = local(time, offset);
  const std::string text =
      fmt::format("{} {:02} {}", month_name(parts), parts.day, time_of_day(parts));
  return parts.year == local(now, offset).year ? text : fmt::format("{} {}", parts.year, text);
}

}  // namespace livedata::cli::top
