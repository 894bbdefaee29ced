#include "ingest/syslog/format/timestamp.h"

#include <array>
#include <chrono>
#include <ctime>
#include <limits>

namespace livedata::ingest::syslog {
namespace {

constexpr int kMinYear = 1678;
constexpr int kMaxYear = 2261;
constexpr std::int64_t kHour = 3600;

struct DateTime {
  std::optional<int> year;
  unsigned month = 1;
  unsigned day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t fraction_ns = 0;
  std::int64_t resolution_ns = kNsPerSecond;
  std::optional<std::int64_t> utc_offset;
};

struct Zone {
  std::string_view name;
  int minutes;
};
// Abbreviations that mean one thing; others, such as IST, stand for the local zone.
constexpr std::array kZones = {
    Zone{"UTC", 0},    Zone{"GMT", 0},     Zone{"Z", 0},       Zone{"WET", 0},    Zone{"WEST", 60},
    Zone{"BST", 60},   Zone{"CET", 60},    Zone{"CEST", 120},  Zone{"MEZ", 60},   Zone{"MESZ", 120},
    Zone{"EET", 120},  Zone{"EEST", 180},  Zone{"MSK", 180},   Zone{"EST", -300}, Zone{"EDT", -240},
    Zone{"CST", -360}, Zone{"CDT", -300},  Zone{"MST", -420},  Zone{"MDT", -360}, Zone{"PST", -480},
    Zone{"PDT", -420}, Zone{"AKST", -540}, Zone{"AKDT", -480}, Zone{"HST", -600}, Zone{"JST", 540},
    Zone{"KST", 540},  Zone{"HKT", 480},   Zone{"SGT", 480},   Zone{"AWST", 480}, Zone{"ACST", 570},
    Zone{"ACDT", 630}, Zone{"AEST", 600},  Zone{"AEDT", 660},  Zone{"NZST", 720}, Zone{"NZDT", 780},
    Zone{"BRT", -180}, Zone{"SAST", 120},
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_digits(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count) return false;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return false;
    number = number * 10 + (text[i] - '0');
  }
  value = number;
  text.remove_prefix(count);
  return true;
}

/// .5, ,123456 - digits beyond nanoseconds are read over.
void take_fraction(std::string_view& text, DateTime& out) {
  if (text.size() < 2 || (text[0] != '.' && text[0] != ',') || !is_digit(text[1])) return;
  text.remove_prefix(1);
  while (!text.empty() && is_digit(text.front())) {
    if (out.resolution_ns > 1) {
      out.resolution_ns /= 10;
      out.fraction_ns += (text.front() - '0') * out.resolution_ns;
    }
    text.remove_prefix(1);
  }
}

bool take_clock(std::string_view& text, DateTime& out) {
  std::string_view rest = text;
  // Second 60 is a leap second; it counts as the second after.
  if (!take_digits(rest, 2, out.hour) || !take(rest, ':') || !take_digits(rest, 2, out.minute) ||
      !take(rest, ':') || !take_digits(rest, 2, out.second) || out.hour > 23 || out.minute > 59 ||
      out.second > 60) {
    return false;
  }
  take_fraction(rest, out);
  text = rest;
  return true;
}

/// +01:00, -0500, +9
bool take_numeric_offset(std::string_view& text, std::optional<std::int64_t>& seconds) {
  std::string_view rest = text;
  if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) return false;
  const bool west = rest.front() == '-';
  rest.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_digits(rest, 2, hours) && !take_digits(rest, 1, hours)) return false;
  std::string_view behind_hours = rest;
  take(behind_hours, ':');
  if (take_digits(behind_hours, 2, minutes)) rest = behind_hours;
  const bool ends = rest.empty() || rest.front() == ' ' || rest.front() == ':';
  if (hours > 23 || minutes > 59 || !ends) return false;
  const std::int64_t offset = hours * kHour + minutes * 60;
  seconds = west ? -offset : offset;
  text = rest;
  return true;
}

std::string_view leading_capitals(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_upper(text[size])) ++size;
  return text.substr(0, size);
}

/// A zone that a space or colon ends, so that the first letters of a host are none.
bool take_named_zone(std::string_view& text, std::optional<std::int64_t>& seconds) {
  const std::string_view word = leading_capitals(text);
  if (word.empty() || word.size() > 5) return false;
  std::string_view rest = text.substr(word.size());
  std::optional<std::int64_t> offset;
  if (word == "TZ" || word == "UTC" || word == "GMT") {
    take_numeric_offset(rest, offset);  // TZ-6, as in RFC 3164 section 5.4
  }
  for (const Zone& zone : kZones) {
    if (!offset && zone.name == word) offset = zone.minutes * 60;
  }
  // A name that no table has is one where Cisco's text follows.
  if (!offset && !rest.starts_with(": %")) return false;
  if (!rest.empty() && rest.front() != ' ' && rest.front() != ':') return false;
  seconds = offset;  // a name that only the device knows leaves the local zone
  text = rest;
  return true;
}

/// A year from 1970 on that ends at a space, a colon or the end.
bool take_year(std::string_view& text, std::optional<int>& year) {
  std::string_view rest = text;
  int number = 0;
  if (!take_digits(rest, 4, number) || number < 1970 || number > kMaxYear) return false;
  // The first group of an IPv6 address is none.
  if (!rest.empty() && rest.front() != ' ' && rest != ":" && !rest.starts_with(": ")) return false;
  year = number;
  text = rest;
  return true;
}

bool take_month(std::string_view& text, unsigned& month) {
  constexpr std::string_view kNames = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (text.size() < 4 || text[3] != ' ') return false;
  std::array<char, 3> lower{};
  for (std::size_t i = 0; i < lower.size(); ++i)
    lower[i] = is_upper(text[i]) ? static_cast<char>(text[i] + ('a' - 'A')) : text[i];
  for (unsigned i = 0; i < 12; ++i) {
    if (kNames.substr(std::size_t{i} * 3, 3) != std::string_view(lower.data(), lower.size()))
      continue;
    month = i + 1;
    text.remove_prefix(4);
    return true;
  }
  return false;
}

/// 1, " 1" or 01, and the space behind it.
bool take_day(std::string_view& text, unsigned& day) {
  std::string_view rest = text;
  take(rest, ' ');
  int number = 0;
  if (!take_digits(rest, 2, number) && !take_digits(rest, 1, number)) return false;
  if (!take(rest, ' ')) return false;
  day = static_cast<unsigned>(number);
  text = rest;
  return true;
}

std::optional<TimestampNs> to_timestamp(const DateTime& from, int year, const Arrival& arrival) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(from.month),
                                         std::chrono::day(from.day)};
  if (!date.ok() || year < kMinYear || year > kMaxYear) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 24 * kHour + from.hour * kHour + from.minute * 60 +
                               from.second - from.utc_offset.value_or(arrival.utc_offset_seconds);
  return seconds * kNsPerSecond + from.fraction_ns;
}

int year_of(const Arrival& arrival) {
  const std::int64_t local = arrival.now / kNsPerSecond + arrival.utc_offset_seconds;
  const std::chrono::sys_seconds point{std::chrono::seconds(local)};
  return static_cast<int>(
      std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(point)).year());
}

/// In December a message of January comes from a clock that is ahead, in January one of December
/// was late.
std::optional<TimestampNs> in_nearest_year(const DateTime& from, const Arrival& arrival) {
  constexpr TimestampNs kNearEnough = 180 * 24 * kHour * kNsPerSecond;
  const int this_year = year_of(arrival);
  std::optional<TimestampNs> nearest;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const int year : {this_year, this_year - 1, this_year + 1}) {
    const auto time = to_timestamp(from, year, arrival);
    if (!time) continue;
    const std::int64_t distance = *time < arrival.now ? arrival.now - *time : *time - arrival.now;
    if (distance < least) {
      least = distance;
      nearest = time;
    }
    if (least < kNearEnough) break;
  }
  return nearest;
}

std::optional<MessageTime> to_message_time(const DateTime& from, const Arrival& arrival) {
  const auto time =
      from.year ? to_timestamp(from, *from.year, arrival) : in_nearest_year(from, arrival);
  if (!time) return std::nullopt;
  return MessageTime{*time, from.resolution_ns};
}

/// What may stand behind the clock: a zone or a year, or both in either order.
void take_zone_and_year(std::string_view& text, DateTime& out) {
  if (take(text, 'Z')) {
    out.utc_offset = 0;
  } else {
    take_numeric_offset(text, out.utc_offset);
  }
  for (int i = 0; i < 2; ++i) {
    std::string_view rest = text;
    if (!take(rest, ' ')) return;
    const bool taken = (!out.year && take_year(rest, out.year)) ||
                       (!out.utc_offset && (take_numeric_offset(rest, out.utc_offset) ||
                                            take_named_zone(rest, out.utc_offset)));
    if (!taken) return;
    text = rest;
  }
}

/// Mon, or Mon,
void take_weekday(std::string_view& text) {
  constexpr std::string_view kNames = "MonTueWedThuFriSatSun";
  if (text.size() < 5) return;
  const std::size_t at = kNames.find(text.substr(0, 3));
  if (at == std::string_view::npos || at % 3 != 0) return;
  std::string_view rest = text.substr(3);
  take(rest, ',');
  if (take(rest, ' ')) text = rest;
}

}  // namespace

std::optional<MessageTime> take_iso_time(std::string_view& text, const Arrival& arrival) {
  std::string_view rest = text;
  DateTime time;
  int year = 0;
  int month = 0;
  int day = 0;
  if (!take_digits(rest, 4, year) || !take(rest, '-') || !take_digits(rest, 2, month) ||
      !take(rest, '-') || !take_digits(rest, 2, day) || rest.empty() ||
      (rest.front() != 'T' && rest.front() != 't' && rest.front() != ' ')) {
    return std::nullopt;
  }
  rest.remove_prefix(1);
  if (!take_clock(rest, time)) return std::nullopt;
  time.year = year;
  time.month = static_cast<unsigned>(month);
  time.day = static_cast<unsigned>(day);
  if (take(rest, 'Z') || take(rest, 'z')) {
    time.utc_offset = 0;
  } else {
    take_numeric_offset(rest, time.utc_offset);
  }
  if (!rest.empty() && rest.front() != ' ') return std::nullopt;
  const auto result = to_message_time(time, arrival);
  if (result) text = rest;
  return result;
}

std::optional<BsdTime> take_bsd_time(std::string_view& text, const Arrival& arrival) {
  std::string_view rest = text;
  DateTime time;
  take_weekday(rest);
  if (std::string_view behind_year = rest;
      take_year(behind_year, time.year) && take(behind_year, ' ')) {
    rest = behind_year;
  } else {
    time.year.reset();
  }
  if (!take_month(rest, time.month) || !take_day(rest, time.day)) return std::nullopt;
  if (!time.year && take_year(rest, time.year) && !take(rest, ' ')) return std::nullopt;
  if (!take_clock(rest, time)) return std::nullopt;
  take_zone_and_year(rest, time);
  const bool colon = rest.starts_with(": ") || rest == ":";
  if (!rest.empty() && rest.front() != ' ' && !colon) return std::nullopt;
  const auto result = to_message_time(time, arrival);
  if (!result) return std::nullopt;
  if (colon) rest.remove_prefix(1);
  text = rest;
  return BsdTime{*result, colon};
}

std::optional<MessageTime> take_epoch_time(std::string_view& text) {
  std::string_view rest = text;
  std::int64_t seconds = 0;
  std::size_t digits = 0;
  for (; digits < rest.size() && digits < 11 && is_digit(rest[digits]); ++digits)
    seconds = seconds * 10 + (rest[digits] - '0');
  if (digits != 10) return std::nullopt;
  rest.remove_prefix(digits);
  DateTime time;
  take_fraction(rest, time);
  if (time.resolution_ns == kNsPerSecond || !rest.starts_with(' ')) return std::nullopt;
  if (seconds > std::numeric_limits<std::int64_t>::max() / kNsPerSecond - 1) return std::nullopt;
  text = rest;
  return MessageTime{seconds * kNsPerSecond + time.fraction_ns, time.resolution_ns};
}

std::int64_t local_utc_offset(TimestampNs time) {
  const std::time_t seconds = time / kNsPerSecond;
  std::tm local{};
  return ::localtime_r(&seconds, &local) == nullptr ? 0 : local.tm_gmtoff;
}

}  // namespace livedata::ingest::syslog
