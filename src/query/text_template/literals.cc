#include "query/text_template/literals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "query/text_template/characters.h"

namespace livedata::query::text_template {
namespace {

template <class... Args>
tl::unexpected<Error> wrong(fmt::format_string<Args...> what, Args&&... args) {
  return fail(ErrorCode::kInvalidArgument, what, std::forward<Args>(args)...);
}

/// Escapes that give a code in digits: how many, and of which base.
struct CodeEscape {
  char letter;
  std::size_t digits;
  int base;
  bool is_byte;
};
constexpr std::array kCodeEscapes = {CodeEscape{'x', 2, 16, true}, CodeEscape{'u', 4, 16, false},
                                     CodeEscape{'U', 8, 16, false}};

/// Reads the escape behind a backslash, and takes it off.
Result<void> take_escape(std::string_view& rest, char quote, std::string& out) {
  constexpr std::string_view kNames = "abfnrtv\\";
  constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\";
  if (rest.empty()) return wrong("unterminated quoted string");
  const char letter = rest.front();
  if (const std::size_t at = kNames.find(letter); at != std::string_view::npos || letter == quote) {
    out += letter == quote ? quote : kValues[at];
    rest.remove_prefix(1);
    return {};
  }
  CodeEscape escape{letter, 3, 8, true};
  if (const auto* found =
          std::find_if(kCodeEscapes.begin(), kCodeEscapes.end(),
                       [&](const CodeEscape& known) { return known.letter == letter; });
      found != kCodeEscapes.end()) {
    escape = *found;
    rest.remove_prefix(1);
  }
  std::uint32_t code = 0;
  const std::string_view digits = rest.substr(0, escape.digits);
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, code, escape.base);
  const std::uint32_t largest = escape.is_byte ? 0xFF : 0x10FFFF;
  const bool surrogate = !escape.is_byte && code >= 0xD800 && code < 0xE000;
  if (digits.size() != escape.digits || error != std::errc() || end != last || code > largest ||
      surrogate)
    return wrong("unknown escape sequence in a string");
  if (escape.is_byte) {
    out += static_cast<char>(code);
  } else {
    append_character(out, code);
  }
  rest.remove_prefix(escape.digits);
  return {};
}

Result<std::string> take_quoted(std::string_view& rest) {
  const char quote = rest.front();
  std::string_view inside = rest.substr(1);
  std::string out;
  while (!inside.empty() && inside.front() != quote && inside.front() != '\n') {
    const char c = inside.front();
    inside.remove_prefix(1);
    if (c == '\\') {
      LIVEDATA_RETURN_IF_ERROR(take_escape(inside, quote, out));
    } else {
      out += c;
    }
  }
  if (!inside.starts_with(quote)) return wrong("unterminated quoted string");
  rest = inside.substr(1);
  return out;
}

Result<Value> take_raw(std::string_view& rest) {
  const std::size_t end = rest.find('`', 1);
  if (end == std::string_view::npos) return wrong("unterminated raw quoted string");
  std::string out(rest.substr(1, end - 1));
  // As in Go's sources, so that a template with Windows' line ends means the same.
  std::erase(out, '\r');
  rest.remove_prefix(end + 1);
  return Value(std::move(out));
}

Result<Value> take_character(std::string_view& rest) {
  std::string_view after = rest;
  LIVEDATA_TRY(const std::string text, take_quoted(after));
  if (text.empty()) return wrong("a character constant is empty");
  const Character first = first_character(text);
  if (first.size != text.size()) return wrong("a character constant has more than one character");
  rest = after;
  // '\xE9' is the number, not a broken UTF-8 sequence.
  const bool is_byte = text.size() == 1;
  return Value(is_byte ? std::int64_t{static_cast<unsigned char>(text.front())}
                       : static_cast<std::int64_t>(first.code));
}

bool belongs_to_number(std::string_view text, std::size_t i) {
  const char c = text[i];
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
      c == '.')
    return true;
  if (c != '+' && c != '-') return false;
  const bool hex = text.find_first_of("xX") < i;
  return i == 0 || (!hex && (text[i - 1] == 'e' || text[i - 1] == 'E'));
}

/// The base that the digits tell by their prefix, which is taken off.
int take_base(std::string& digits) {
  if (digits.size() < 2 || digits.front() != '0') return 10;
  int base = 0;
  switch (digits[1]) {
    case 'x':
    case 'X':
      base = 16;
      break;
    case 'o':
    case 'O':
      base = 8;
      break;
    case 'b':
    case 'B':
      base = 2;
      break;
    default:
      return digits.find_first_of(".eE") == std::string::npos ? 8 : 10;
  }
  digits.erase(0, 2);
  return base;
}

Result<Value> take_number(std::string_view& rest) {
  std::size_t size = 0;
  while (size < rest.size() && belongs_to_number(rest, size)) ++size;
  const std::string_view text = rest.substr(0, size);
  if (text.empty()) {
    const std::size_t shown = first_character(rest).size;
    return wrong("unexpected '{}'", rest.substr(0, shown));
  }
  const auto bad = [&] { return wrong("bad number syntax: '{}'", text); };
  const bool negative = text.starts_with('-');
  std::string digits(text.substr(negative || text.starts_with('+') ? 1 : 0));
  if (digits.empty() || digits.back() == '_' || digits.find("__") != std::string::npos ||
      !((digits.front() >= '0' && digits.front() <= '9') || digits.front() == '.'))
    return bad();
  std::erase(digits, '_');
  const int base = take_base(digits);
  const char* const last = digits.data() + digits.size();
  std::uint64_t magnitude = 0;
  if (const auto [end, error] = std::from_chars(digits.data(), last, magnitude, base);
      end == last && !digits.empty()) {
    const std::uint64_t limit = static_cast<std::uint64_t>(INT64_MAX) + (negative ? 1 : 0);
    if (error != std::errc() || magnitude > limit) return wrong("{} overflows int", text);
    rest.remove_prefix(size);
    return Value(static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude));
  }
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), last, number);
  if (base != 10 || digits.empty() || error != std::errc() || end != last) return bad();
  rest.remove_prefix(size);
  return Value(negative ? -number : number);
}

}  // namespace

Result<Value> take_literal(std::string_view& rest) {
  switch (rest.front()) {
    case '"': {
      LIVEDATA_TRY(std::string text, take_quoted(rest));
      return Value(std::move(text));
    }
    case '`':
      return take_raw(rest);
    case '\'':
      return take_character(rest);
    default:
      return take_number(rest);
  }
}

}  // namespace livedata::query::text_template
