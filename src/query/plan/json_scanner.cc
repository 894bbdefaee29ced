#include "query/plan/json_scanner.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

namespace livedata::query::plan {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

/// Bytes of the word that are zero have their high bit set in the result; the lowest one is exact.
std::uint64_t zero_bytes(std::uint64_t word) { return (word - kOnes) & ~word & kHighs; }

/// Place of the first quote or backslash, or the size.
std::size_t find_quote_or_escape(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    const std::uint64_t hits = zero_bytes(word ^ (kOnes * '"')) | zero_bytes(word ^ (kOnes * '\\'));
    if (hits != 0) return i + static_cast<std::size_t>(std::countr_zero(hits)) / 8;
  }
  while (i < text.size() && text[i] != '"' && text[i] != '\\') ++i;
  return i;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool ends_word(char c) { return is_space(c) || c == ',' || c == '}' || c == ']' || c == ':'; }

/// Appends a code point as UTF-8 (RFC 3629) and returns the end.
char* append_utf8(std::uint32_t code, char* out) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
  return out;
}

bool read_hex4(std::string_view text, std::uint32_t& code) {
  if (text.size() < 4) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, code, 16);
  return error == std::errc() && end == text.data() + 4;
}

/// Reads the escape behind a backslash from `text` and shortens it. False for a wrong one.
bool take_escape(std::string_view& text, char*& out) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  if (text.empty()) return false;
  const char name = text.front();
  text.remove_prefix(1);
  if (const std::size_t at = kNames.find(name); at != std::string_view::npos) {
    *out++ = kValues[at];
    return true;
  }
  std::uint32_t code = 0;
  if (name != 'u' || !read_hex4(text, code)) return false;
  text.remove_prefix(4);
  const bool is_high = code >= 0xD800 && code < 0xDC00;
  std::uint32_t low = 0;
  if (is_high && text.starts_with("\\u") && read_hex4(text.substr(2), low) && low >= 0xDC00 &&
      low < 0xE000) {
    text.remove_prefix(6);
    code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
  } else if (code >= 0xD800 && code < 0xE000) {
    code = 0xFFFD;  // half of a pair
  }
  out = append_utf8(code, out);
  return true;
}

}  // namespace

std::string_view unescaped(const JsonScanner::Value& string, TextArena& arena) {
  if (!string.has_escapes) return string.raw;
  std::string_view text = string.raw;
  char* const begin = arena.reserve(text.size());  // an escape is never shorter than its value
  char* out = begin;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    std::memcpy(out, text.data(), plain);
    out += plain;
    text.remove_prefix(plain);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (!take_escape(text, out)) return {};
  }
  return arena.commit(static_cast<std::size_t>(out - begin));
}

void JsonScanner::skip_space() {
  std::size_t i = 0;
  while (i < rest_.size() && is_space(rest_[i])) ++i;
  rest_.remove_prefix(i);
}

bool JsonScanner::enter(char bracket) {
  skip_space();
  if (!rest_.starts_with(bracket)) return false;
  rest_.remove_prefix(1);
  at_start_ = true;
  return true;
}

bool JsonScanner::next_in(char close) {
  skip_space();
  if (rest_.starts_with(close)) {
    rest_.remove_prefix(1);
    at_start_ = false;
    return false;
  }
  if (rest_.empty()) return fail("the JSON text ends too early");
  if (!at_start_) {
    if (rest_.front() != ',') return fail("a comma is missing between JSON values");
    rest_.remove_prefix(1);
    skip_space();
    // Loki's scanner takes a comma behind the last one.
    if (rest_.starts_with(close)) return next_in(close);
  }
  at_start_ = false;
  return true;
}

bool JsonScanner::next_key(Value& key) {
  if (!next_in('}')) return false;
  if (!rest_.starts_with('"')) return fail("a JSON member's name is missing");
  if (!read_string(key)) return false;
  skip_space();
  if (!rest_.starts_with(':')) return fail("a colon is missing behind a JSON member's name");
  rest_.remove_prefix(1);
  return true;
}

bool JsonScanner::next_element() { return next_in(']'); }

bool JsonScanner::peek(Kind& kind) {
  skip_space();
  if (rest_.empty()) return fail("the JSON text ends too early");
  const char c = rest_.front();
  kind = c == '"'               ? Kind::kString
         : c == '{'             ? Kind::kObject
         : c == '['             ? Kind::kArray
         : c == 'n'             ? Kind::kNull
         : c == 't' || c == 'f' ? Kind::kBool
                                : Kind::kNumber;
  return true;
}

bool JsonScanner::read(Value& value) {
  if (!peek(value.kind)) return false;
  switch (value.kind) {
    case Kind::kString:
      return read_string(value);
    case Kind::kObject:
    case Kind::kArray:
      return skip_nested(value);
    default:
      return read_word(value);
  }
}

bool JsonScanner::read_string(Value& value) {
  value.kind = Kind::kString;
  value.has_escapes = false;
  std::size_t i = 1;
  for (;;) {
    i += find_quote_or_escape(rest_.substr(i));
    if (i >= rest_.size()) return fail("a JSON string has no end");
    if (rest_[i] == '"') break;
    value.has_escapes = true;
    i += 2;
    if (i > rest_.size()) return fail("a JSON string has no end");
  }
  value.raw = rest_.substr(1, i - 1);
  rest_.remove_prefix(i + 1);
  return true;
}

bool JsonScanner::read_word(Value& value) {
  std::size_t size = 0;
  while (size < rest_.size() && !ends_word(rest_[size])) ++size;
  value.raw = rest_.substr(0, size);
  value.has_escapes = false;
  rest_.remove_prefix(size);
  switch (value.kind) {
    case Kind::kNull:
      return value.raw == "null" || fail("unknown JSON value");
    case Kind::kBool:
      return value.raw == "true" || value.raw == "false" || fail("unknown JSON value");
    default: {
      // What follows the first digit is taken as it stands, as Loki's scanner does.
      const bool is_number =
          !value.raw.empty() &&
          (value.raw.front() == '-' || (value.raw.front() >= '0' && value.raw.front() <= '9'));
      return is_number || fail("unknown JSON value");
    }
  }
}

/// Steps over an object or array by counting brackets outside of strings.
bool JsonScanner::skip_nested(Value& value) {
  const std::string_view whole = rest_;
  std::size_t depth = 0;
  Value string;
  do {
    const std::size_t at = rest_.find_first_of("\"{}[]");
    if (at == std::string_view::npos) return fail("a JSON object or array has no end");
    rest_.remove_prefix(at);
    if (rest_.front() == '"') {
      if (!read_string(string)) return false;
      continue;
    }
    depth = rest_.front() == '{' || rest_.front() == '[' ? depth + 1 : depth - 1;
    rest_.remove_prefix(1);
  } while (depth > 0);
  value.raw = whole.substr(0, whole.size() - rest_.size());
  value.has_escapes = false;
  return true;
}

}  // namespace livedata::query::plan
