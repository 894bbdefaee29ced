#include "query/patterns/variable_scan.h"

#include <algorithm>
#include <array>

namespace livedata::query::patterns {
namespace {

/// Shorter runs of hexadecimal digits are often words or versions: "dead", "v2", "beef1".
constexpr std::size_t kMinHexId = 8;
/// Text of an IPv6 address with an embedded IPv4 one. Also keeps the scan of "a:a:a:..." linear.
constexpr std::size_t kMaxAddress = 45;

constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

char byte_at(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\0'; }

std::size_t digits_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

std::size_t run_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_alnum(text[at])) ++at;
  return at;
}

/// RFC 9562, section 4: groups of 8, 4, 4, 4 and 12 hexadecimal digits.
std::size_t uuid_end(std::string_view text, std::size_t at) {
  constexpr std::size_t kLength = 36;
  if (text.size() - at < kLength || text[at + 8] != '-') return at;
  for (std::size_t i = 0; i < kLength; ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[at + i];
    if (is_dash ? c != '-' : !is_hex(c)) return at;
  }
  return is_alnum(byte_at(text, at + kLength)) ? at : at + kLength;
}

/// IPv6 and MAC addresses: groups of up to four hexadecimal digits, two colons or more. What has
/// only digits and single colons is a time of day, which the number scan joins with its fraction.
std::size_t colon_hex_end(std::string_view text, std::size_t at) {
  text = text.substr(0, at + kMaxAddress + 1);
  std::size_t end = at;
  std::size_t group = 0;
  std::size_t colons = 0;
  bool has_digit = false;
  bool is_time = true;
  for (; end < text.size() && (is_hex(text[end]) || text[end] == ':'); ++end) {
    const char c = text[end];
    if (c == ':') {
      if (group == 0) is_time = false;
      group = 0;
      ++colons;
    } else {
      if (++group > 4) return at;
      has_digit |= is_digit(c);
      is_time &= is_digit(c);
    }
  }
  if (is_time || !has_digit || is_alnum(byte_at(text, end))) return at;
  // "fe80::1: unreachable": the last colon belongs to the sentence.
  if (group == 0 && text[end - 2] != ':') {
    --end;
    --colons;
  }
  return colons < 2 ? at : end;
}

/// "/Oct/2000" and "-Oct-2000" of the common log format, seen from the first separator.
bool is_month_between(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() - at < 6 || (text[at] != '/' && text[at] != '-') || text[at + 4] != text[at]) {
    return false;
  }
  return is_digit(text[at + 5]) &&
         std::find(kMonths.begin(), kMonths.end(), text.substr(at + 1, 3)) != kMonths.end();
}

/// Between digits these make one value: 10.0.0.1:80, 2015-10-18, 18:01:47,978, 12_000001.
bool joins_digits(char c) {
  return c == '.' || c == ':' || c == ',' || c == '-' || c == '/' || c == '_' || c == '+';
}

/// End of the part of a run that varies, given that it starts with a digit; the rest is a unit.
std::size_t number_part_end(std::string_view text, std::size_t at) {
  const std::size_t digits = digits_end(text, at);
  const std::size_t end = run_end(text, digits);
  if (end == digits) return digits;
  const std::string_view run = text.substr(at, end - at);
  const std::string_view unit = text.substr(digits, end - digits);
  if (unit == "Z") return end;  // UTC in RFC 3339
  // Digits again after letters: 18T18 in a time, 1h2m3s, 7f9c8d.
  if (std::any_of(unit.begin(), unit.end(), is_digit)) return end;
  if (run.size() >= kMinHexId && std::all_of(run.begin(), run.end(), is_hex)) return end;
  const char sign = byte_at(text, end);
  if ((unit == "e" || unit == "E") && (sign == '+' || sign == '-')) {
    const std::size_t exponent = digits_end(text, end + 1);
    if (exponent > end + 1) return exponent;
  }
  return digits;
}

std::size_t number_end(std::string_view text, std::size_t at) {
  while (true) {
    at = number_part_end(text, at);
    if (is_alnum(byte_at(text, at))) return at;
    if (at < text.size() && joins_digits(text[at]) && is_digit(byte_at(text, at + 1))) {
      ++at;
    } else if (is_month_between(text, at)) {
      at += 5;
    } else {
      return at;
    }
  }
}

}  // namespace

std::size_t variable_end(std::string_view text, std::size_t at) {
  const std::size_t end = run_end(text, at);
  const std::string_view run = text.substr(at, end - at);
  const std::size_t hex =
      static_cast<std::size_t>(std::find_if_not(run.begin(), run.end(), is_hex) - run.begin());
  if (hex == run.size()) {
    if (run.size() == 8) {
      if (const std::size_t uuid = uuid_end(text, at); uuid != at) return uuid;
    }
    if (run.size() <= 4 && byte_at(text, end) == ':') {
      if (const std::size_t address = colon_hex_end(text, at); address != at) return address;
    }
    if (run.size() >= kMinHexId && !is_digit(run[0]) &&
        std::any_of(run.begin(), run.end(), is_digit)) {
      return end;
    }
  }
  if (!is_digit(run[0])) return at;
  if (run.size() > 2 && run[0] == '0' && (run[1] == 'x' || run[1] == 'X')) return end;
  return number_end(text, at);
}

}  // namespace livedata::query::patterns
