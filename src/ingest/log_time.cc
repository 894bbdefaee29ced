#include "ingest/log_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/time_format.h"
#include "ingest/json_line_time.h"
#include "ingest/json_time.h"

namespace livedata::ingest {
namespace {

constexpr TimestampNs kDay = 86'400 * kNsPerSecond;
// Behind the client's address and name; further on it would be part of the request.
constexpr std::size_t kAccessLogPrefix = 200;

constexpr TimestampNs kLeastOfNumbers = 100'000'000 * kNsPerSecond;  // in 1973

/// A time in parts, of which one may be left out: the place on Earth.
struct LocalTime {
  std::tm time{};
  TimestampNs fraction = 0;
  std::optional<int> zone = std::nullopt;  ///< seconds east of Greenwich; nothing: here
};

bool number_at(std::string_view text, std::size_t at, std::size_t digits, int& value) {
  if (at + digits > text.size()) return false;
  std::string_view part = text.substr(at, digits);
  while (part.size() > 1 && part.front() == ' ') part.remove_prefix(1);
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
  return error == std::errc() && end == part.data() + part.size() && value >= 0;
}

bool month_at(std::string_view text, std::size_t at, int& month) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (at + 3 > text.size()) return false;
  const std::size_t found = kMonths.find(text.substr(at, 3));
  month = static_cast<int>(found / 3);
  return found != std::string_view::npos && found % 3 == 0;
}

/// HH:MM:SS with an optional fraction; returns where it ends, 0 if it is none.
std::size_t clock_at(std::string_view text, std::size_t at, LocalTime& local) {
  std::tm& time = local.time;
  const bool good = number_at(text, at, 2, time.tm_hour) && text.size() >= at + 8 &&
                    text[at + 2] == ':' && number_at(text, at + 3, 2, time.tm_min) &&
                    text[at + 5] == ':' && number_at(text, at + 6, 2, time.tm_sec) &&
                    time.tm_hour < 24 && time.tm_min < 60 && time.tm_sec <= 60;
  if (!good) return 0;
  at += 8;
  if (at + 1 >= text.size() || (text[at] != '.' && text[at] != ',')) return at;
  TimestampNs scale = kNsPerSecond / 10;
  std::size_t end = at + 1;
  for (; end < text.size() && text[end] >= '0' && text[end] <= '9'; ++end, scale /= 10)
    local.fraction += (text[end] - '0') * scale;
  return end == at + 1 ? at : end;
}

TimestampNs to_time(LocalTime local) {
  if (local.zone) {
    const std::int64_t seconds = static_cast<std::int64_t>(::timegm(&local.time)) - *local.zone;
    return seconds * kNsPerSecond + local.fraction;
  }
  local.time.tm_isdst = -1;
  return static_cast<TimestampNs>(std::mktime(&local.time)) * kNsPerSecond + local.fraction;
}

/// Seconds east of Greenwich that stand at the start of the text: Z, UTC, GMT, +01:00, +0100.
std::optional<int> parse_offset(std::string_view text) {
  if (text.starts_with('Z') || text.starts_with("UTC") || text.starts_with("GMT")) return 0;
  int hours = 0;
  int minutes = 0;
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  const std::size_t colon = text.size() > 3 && text[3] == ':' ? 1 : 0;
  if (!number_at(text, 1, 2, hours) || !number_at(text, 3 + colon, 2, minutes) || hours > 23 ||
      minutes > 59) {
    return std::nullopt;
  }
  return (hours * 3600 + minutes * 60) * (text.front() == '-' ? -1 : 1);
}

/// The time with the offset that the text starts with, perhaps behind a space; else local.
TimestampNs to_time(LocalTime local, std::string_view behind) {
  if (behind.starts_with(' ')) behind.remove_prefix(1);
  if (const auto offset = parse_offset(behind)) local.zone = offset;
  return to_time(local);
}

/// 2026-01-02 03:04:05, 2026/01/02 03:04:05.678, 2026-01-02T03:04:05,678 +0100
std::optional<TimestampNs> parse_date_time(std::string_view line, std::optional<int> zone) {
  LocalTime local{.zone = zone};
  std::tm& time = local.time;
  if (line.size() < 19 || (line[4] != '-' && line[4] != '/') || line[7] != line[4] ||
      (line[10] != ' ' && line[10] != 'T')) {
    return std::nullopt;
  }
  const std::size_t end = clock_at(line, 11, local);
  if (end == 0 || !number_at(line, 0, 4, time.tm_year) || !number_at(line, 5, 2, time.tm_mon) ||
      !number_at(line, 8, 2, time.tm_mday) || time.tm_year < 1970 || time.tm_year > 2261 ||
      time.tm_mon < 1 || time.tm_mon > 12 || time.tm_mday < 1 || time.tm_mday > 31) {
    return std::nullopt;
  }
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return to_time(local, line.substr(end));
}

/// Jan  2 03:04:05 (RFC 3164 section 4.1.2), which has no year
std::optional<TimestampNs> parse_syslog_time(std::string_view line, TimestampNs now,
                                             std::optional<int> zone) {
  LocalTime local{.zone = zone};
  std::tm& time = local.time;
  if (line.size() < 15 || line[3] != ' ' || line[6] != ' ' || !month_at(line, 0, time.tm_mon) ||
      !number_at(line, 4, 2, time.tm_mday) || clock_at(line, 7, local) == 0) {
    return std::nullopt;
  }
  const std::time_t seconds = now / kNsPerSecond + zone.value_or(0);
  std::tm today{};
  if (zone) {
    ::gmtime_r(&seconds, &today);
  } else {
    ::localtime_r(&seconds, &today);
  }
  time.tm_year = today.tm_year;
  const TimestampNs this_year = to_time(local);
  if (this_year <= now + kDay) return this_year;
  --time.tm_year;
  return to_time(local);
}

/// 127.0.0.1 - - [02/Jan/2026:03:04:05 +0100] "GET / HTTP/1.1" (Apache's and nginx' access logs)
std::optional<TimestampNs> parse_access_log_time(std::string_view line, std::optional<int> zone) {
  const std::size_t bracket = line.substr(0, kAccessLogPrefix).find('[');
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::string_view text = line.substr(bracket + 1);
  LocalTime local{.zone = zone};
  std::tm& time = local.time;
  if (text.size() < 20 || text[2] != '/' || text[6] != '/' || text[11] != ':' ||
      !number_at(text, 0, 2, time.tm_mday) || !month_at(text, 3, time.tm_mon) ||
      !number_at(text, 7, 4, time.tm_year) || time.tm_year < 1970 || time.tm_year > 2261) {
    return std::nullopt;
  }
  time.tm_year -= 1900;
  const std::size_t end = clock_at(text, 12, local);
  return end == 0 ? std::nullopt : std::optional(to_time(local, text.substr(end)));
}

/// {"level":"info","time":1767323045123,"msg":"x"}: text in any of the forms, or a number.
std::optional<TimestampNs> parse_json_line_time(std::string_view line, TimestampNs now,
                                                std::optional<int> zone) {
  const auto member = json_time_member(line);
  if (!member || member->starts_with('{')) return std::nullopt;
  if (auto stated = parse_log_time(*member, now, zone)) return stated;
  const auto number = time_of_text(*member);
  // A small number is how long something took.
  return number && *number >= kLeastOfNumbers ? std::optional(*number) : std::nullopt;
}

/// The line behind what may stand in front of its time.
std::string_view without_opening(std::string_view line) {
  constexpr std::array<std::string_view, 3> kKeys = {"time=", "ts=", "timestamp="};
  for (const std::string_view key : kKeys) {
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    break;
  }
  if (line.starts_with('[') || line.starts_with('"')) line.remove_prefix(1);
  return line;
}

}  // namespace

std::optional<TimestampNs> parse_log_time(std::string_view line, TimestampNs now,
                                          std::optional<int> zone) {
  if (line.starts_with('{')) return parse_json_line_time(line, now, zone);
  const std::string_view text = without_opening(line);
  if (text.empty()) return std::nullopt;
  if (text.front() >= '0' && text.front() <= '9') {
    if (auto time = parse_rfc3339(text.substr(0, text.find_first_of(" \t]\"")))) return *time;
    if (auto time = parse_date_time(text, zone)) return time;
  } else if (auto time = parse_syslog_time(text, now, zone)) {
    return time;
  }
  return parse_access_log_time(line, zone);
}

}  // namespace livedata::ingest
