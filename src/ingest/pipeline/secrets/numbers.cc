// Secrets that are numbers: cards and addresses.
#include <arpa/inet.h>

#include <array>

#include "ingest/pipeline/secrets/finders.h"
#include "ingest/pipeline/secrets/text_scan.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr std::size_t kLeastCardDigits = 13;
constexpr std::size_t kMostCardDigits = 19;

/// Digits of a number that may be that of a card.
struct Digits {
  std::array<char, kMostCardDigits> digits{};
  std::size_t size = 0;

  /// False if there are too many.
  bool append(std::string_view more) {
    if (size + more.size() > digits.size()) return false;
    for (const char c : more) digits.at(size++) = c;
    return true;
  }
  [[nodiscard]] int prefix(std::size_t count) const {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + (digits.at(i) - '0');
    return value;
  }
};

/// Issuer and length as the networks publish them; it keeps times and order numbers apart.
bool has_issuer(const Digits& number) {
  const int two = number.prefix(2);
  const int four = number.prefix(4);
  if (number.digits[0] == '4') return number.size == 13 || number.size == 16 || number.size == 19;
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return number.size == 16;
  if (two == 34 || two == 37) return number.size == 15;
  if (two == 36 || two == 38 || two == 39 || (four >= 3000 && four <= 3059))
    return number.size >= 14;
  if (four >= 3528 && four <= 3589) return number.size >= 16;
  return (four == 6011 || two == 65 || (four >= 6440 && four <= 6499) || two == 62) &&
         number.size >= 16;
}

/// ISO/IEC 7812-1 annex B.
bool has_check_digit(const Digits& number) {
  int sum = 0;
  for (std::size_t i = 0; i < number.size; ++i) {
    const int digit = number.digits.at(number.size - 1 - i) - '0';
    const int doubled = digit * 2;
    sum += i % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 == 0;
}

/// The end of the longest card number that begins at a digit, or 0.
std::size_t card_end(std::string_view text, std::size_t at) {
  Digits number;
  std::size_t found = 0;
  for (;;) {
    const std::size_t end = end_of(text, at, is_digit);
    if (!number.append(text.substr(at, end - at))) return found;
    if (number.size >= kLeastCardDigits && has_issuer(number) && has_check_digit(number))
      found = end;
    const bool goes_on =
        end + 1 < text.size() && (text[end] == ' ' || text[end] == '-') && is_digit(text[end + 1]);
    if (!goes_on) return found;
    at = end + 1;
  }
}

/// The end of a number from 0 to 255, or 0.
std::size_t octet_end(std::string_view text, std::size_t at) {
  const std::size_t end = end_of(text, at, is_digit);
  if (end == at || end - at > 3) return 0;
  int value = 0;
  for (const char c : text.substr(at, end - at)) value = value * 10 + (c - '0');
  return value <= 255 ? end : 0;
}

std::size_t ipv4_end(std::string_view text, std::size_t at) {
  for (int octet = 0; octet < 4; ++octet) {
    if (octet > 0 && (at >= text.size() || text[at] != '.')) return 0;
    at = octet_end(text, octet > 0 ? at + 1 : at);
    if (at == 0) return 0;
  }
  const bool goes_on = at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1]);
  return goes_on ? 0 : at;
}

bool is_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size()) return false;
  text.copy(copy.data(), text.size());
  in6_addr address{};
  return ::inet_pton(AF_INET6, copy.data(), &address) == 1;
}

constexpr bool is_ipv6_char(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f') || c == ':' || c == '.';
}

}  // namespace

std::optional<Span> find_credit_card(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    const bool begins = at == 0 || (!is_alnum(text[at - 1]) && text[at - 1] != '.');
    if (const std::size_t end = begins ? card_end(text, at) : 0; end != 0) return Span{at, end};
    at = end_of(text, at, is_digit);
  }
  return std::nullopt;
}

std::optional<Span> find_ipv4(std::string_view text, std::size_t from) {
  for (std::size_t dot = text.find('.', from); dot != std::string_view::npos;
       dot = text.find('.', dot + 1)) {
    std::size_t begin = dot;
    while (begin > from && is_digit(text[begin - 1]) && dot - begin < 4) --begin;
    const bool begins =
        begin == 0 || (!is_alnum(text[begin - 1]) && text[begin - 1] != '.') || begin == from;
    if (begin == dot || !begins) continue;
    if (const std::size_t end = ipv4_end(text, begin); end != 0) return Span{begin, end};
  }
  return std::nullopt;
}

std::optional<Span> find_ipv6(std::string_view text, std::size_t from) {
  std::size_t colon = text.find(':', from);
  while (colon != std::string_view::npos) {
    std::size_t begin = colon;
    while (begin > from && is_ipv6_char(text[begin - 1])) --begin;
    std::size_t end = end_of(text, colon, is_ipv6_char);
    colon = text.find(':', end);
    // The point or colon at the end of a sentence.
    std::string_view candidate = text.substr(begin, end - begin);
    if (candidate.ends_with('.') || (candidate.ends_with(':') && !candidate.ends_with("::")))
      candidate.remove_suffix(1);
    end = begin + candidate.size();
    const bool stands_alone = begin == 0 || !is_alnum(text[begin - 1]);
    if (stands_alone && candidate.size() >= 3 && is_ipv6(candidate)) return Span{begin, end};
  }
  return std::nullopt;
}

}  // namespace livedata::ingest::pipeline
