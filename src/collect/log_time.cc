#include "collect/log_time.h"

#include <charconv>
#include <ctime>

#include "base/time_format.h"

namespace livedata::collect {
namespace {

constexpr TimestampNs kDay = 86'400 * kNsPerSecond;

bool number_at(std::string_view text, std::size_t at, std::size_t digits, int& value) {
  if (at + digits > text.size()) return false;
  std::string_view part = text.substr(at, digits);
  while (part.size() > 1 && part.front() == ' ') part.remove_prefix(1);
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
  return error == std::errc() && end == part.data() + part.size() && value >= 0;
}

TimestampNs from_local(std::tm time) {
  time.tm_isdst = -1;
  return static_cast<TimestampNs>(std::mktime(&time)) * kNsPerSecond;
}

bool clock_at(std::string_view line, std::size_t at, std::tm& time) {
  return number_at(line, at, 2, time.tm_hour) && line.size() > at + 5 && line[at + 2] == ':' &&
         number_at(line, at + 3, 2, time.tm_min) && line[at + 5] == ':' &&
         number_at(line, at + 6, 2, time.tm_sec) && time.tm_hour < 24 && time.tm_min < 60 &&
         time.tm_sec <= 60;
}

/// 2026-01-02 03:04:05
std::optional<TimestampNs> parse_date_time(std::string_view line) {
  std::tm time{};
  if (line.size() < 19 || line[4] != '-' || line[7] != '-' || line[10] != ' ') return std::nullopt;
  if (!number_at(line, 0, 4, time.tm_year) || !number_at(line, 5, 2, time.tm_mon) ||
      !number_at(line, 8, 2, time.tm_mday) || !clock_at(line, 11, time) || time.tm_year < 1970 ||
      time.tm_mon < 1 || time.tm_mon > 12 || time.tm_mday > 31) {
    return std::nullopt;
  }
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return from_local(time);
}

/// Jan  2 03:04:05 (RFC 3164 section 4.1.2), which has no year
std::optional<TimestampNs> parse_syslog_time(std::string_view line, TimestampNs now) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::tm time{};
  if (line.size() < 15 || line[3] != ' ' || line[6] != ' ') return std::nullopt;
  const std::size_t month = kMonths.find(line.substr(0, 3));
  if (month == std::string_view::npos || month % 3 != 0 || !number_at(line, 4, 2, time.tm_mday) ||
      !clock_at(line, 7, time)) {
    return std::nullopt;
  }
  time.tm_mon = static_cast<int>(month / 3);
  const std::time_t seconds = now / kNsPerSecond;
  std::tm today{};
  ::localtime_r(&seconds, &today);
  time.tm_year = today.tm_year;
  const TimestampNs this_year = from_local(time);
  if (this_year <= now + kDay) return this_year;
  --time.tm_year;
  return from_local(time);
}

}  // namespace

std::optional<TimestampNs> parse_log_time(std::string_view line, TimestampNs now) {
  if (line.empty()) return std::nullopt;
  if (auto time = parse_rfc3339(line.substr(0, line.find(' ')))) return *time;
  if (auto time = parse_date_time(line)) return time;
  return parse_syslog_time(line, now);
}

}  // namespace livedata::collect
