#include "base/time_format.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

namespace livedata {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ns;
};

// Longer names first where one is the beginning of another.
constexpr std::array kUnits = {
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"\u00b5s", 1'000},
    Unit{"\u03bcs", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", kNsPerSecond},
    Unit{"m", 60 * kNsPerSecond},
    Unit{"h", 3'600 * kNsPerSecond},
    Unit{"d", 86'400 * kNsPerSecond},
    Unit{"w", 7 * 86'400 * kNsPerSecond},
    Unit{"y", 365 * 86'400 * kNsPerSecond},
};

bool take_number(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits || text.front() == '-') return false;
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, std::int64_t& ns) {
  ns = 0;
  if (!take_char(text, ".,")) return true;
  std::int64_t scale = kNsPerSecond / 10;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    ns += (text[digits] - '0') * scale;
    scale /= 10;
    ++digits;
  }
  text.remove_prefix(digits);
  return digits > 0;
}

bool take_offset(std::string_view& text, int& minutes) {
  minutes = 0;
  if (take_char(text, "Zz")) return true;
  const bool negative = !text.empty() && text.front() == '-';
  int hours = 0;
  if (!take_char(text, "+-") || !take_number(text, 2, hours)) return false;
  take_char(text, ":");
  if (!take_number(text, 2, minutes) || hours > 23 || minutes > 59) return false;
  minutes = (hours * 60 + minutes) * (negative ? -1 : 1);
  return true;
}

}  // namespace

std::string format_rfc3339(TimestampNs time) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): calendar arithmetic reads
                                // like its paper
  const sys_time<nanoseconds> point{nanoseconds(time)};
  const auto day = floor<days>(point);
  const year_month_day date(day);
  const hh_mm_ss<nanoseconds> clock(point - day);
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto fraction = clock.subseconds().count(); fraction != 0) {
    std::string digits = fmt::format("{:09}", fraction);
    digits.erase(digits.find_last_not_of('0') + 1);
    out += "." + digits;
  }
  return out + "Z";
}

Result<TimestampNs> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): calendar arithmetic reads
                                // like its paper
  const std::string_view whole = text;
  int year_number = 0;
  int month_number = 0;
  int day_number = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int offset = 0;
  std::int64_t fraction = 0;
  const bool shape = take_number(text, 4, year_number) && take_char(text, "-") &&
                     take_number(text, 2, month_number) && take_char(text, "-") &&
                     take_number(text, 2, day_number) && take_char(text, "Tt ") &&
                     take_number(text, 2, hour) && take_char(text, ":") &&
                     take_number(text, 2, minute) && take_char(text, ":") &&
                     take_number(text, 2, second) && take_fraction(text, fraction) &&
                     take_offset(text, offset) && text.empty();
  const year_month_day date{year(year_number), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number))};
  // Second 60 is a leap second; it counts as the second after.
  if (!shape || !date.ok() || hour > 23 || minute > 59 || second > 60) {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not a time such as 2026-01-02T03:04:05Z",
                whole);
  }
  if (year_number < 1678 || year_number > 2261) {
    return fail(ErrorCode::kInvalidArgument, "the year {} is outside of 1678 to 2261", year_number);
  }
  const auto day_start = duration_cast<seconds>(sys_days(date).time_since_epoch()).count();
  const std::int64_t whole_seconds = day_start + hour * 3600 + minute * 60 + second - offset * 60;
  return whole_seconds * kNsPerSecond + fraction;
}

Result<std::int64_t> parse_duration(std::string_view text) {
  const auto bad = [whole = text] {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not a duration such as 90s, 5m, 1h30m or 7d",
                whole);
  };
  const bool negative = take_char(text, "-");
  if (text == "0") return 0;
  if (text.empty()) return bad();
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    if (text.front() == '-' || text.front() == '+') return bad();
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return bad();
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits) {
      if (text.starts_with(unit.name)) {
        found = &unit;
        break;
      }
    }
    if (found == nullptr) return bad();
    text.remove_prefix(found->name.size());
    total += number * static_cast<double>(found->ns);
  }
  if (!std::isfinite(total) ||
      total >= static_cast<double>(std::numeric_limits<std::int64_t>::max()))
    return bad();
  const auto ns = static_cast<std::int64_t>(std::llround(total));
  return negative ? -ns : ns;
}

std::string format_duration(std::int64_t ns) {
  if (ns == 0) return "0s";
  // The magnitude as unsigned, so that the smallest value does not overflow.
  std::uint64_t rest = ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  std::string out = ns < 0 ? "-" : "";
  constexpr std::array kPrinted = {Unit{"h", 3'600 * kNsPerSecond},
                                   Unit{"m", 60 * kNsPerSecond},
                                   Unit{"s", kNsPerSecond},
                                   Unit{"ms", 1'000'000},
                                   Unit{"us", 1'000},
                                   Unit{"ns", 1}};
  for (const Unit& unit : kPrinted) {
    const auto size = static_cast<std::uint64_t>(unit.ns);
    if (rest >= size) {
      out += fmt::format("{}{}", rest / size, unit.name);
      rest %= size;
    }
  }
  return out;
}

}  // namespace livedata
