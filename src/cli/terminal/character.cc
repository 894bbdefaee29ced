#include "cli/terminal/character.h"

#include <algorithm>
#include <array>

#include "cli/terminal/character_widths.h"

namespace livedata::cli::terminal {
namespace {

template <std::size_t kSize>
bool is_in(const std::array<CodeRange, kSize>& ranges, char32_t code) {
  const auto found = std::partition_point(
      ranges.begin(), ranges.end(), [code](const CodeRange& range) { return range.last < code; });
  return found != ranges.end() && found->first <= code;
}

/// Format characters: zero-width spaces and joiners, bidi overrides and isolates, variation
/// selectors, tags, interlinear annotation, soft hyphen.
bool is_invisible(char32_t code) {
  return code == 0xAD || code == 0x61C || code == 0x180E || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
         (code >= 0xFE00 && code <= 0xFE0F) || code == 0xFEFF ||
         (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE0FFF);
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Decodes one code point (RFC 3629); a byte that begins none is kReplacement alone.
Character decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                           : lead < 0xF5 ? 4
                                         : 0;
  if (size == 1) return {.code = lead, .width = 1, .bytes = 1};
  if (size == 0 || text.size() < size) return {.code = kReplacement, .width = 1, .bytes = 1};
  char32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return {.code = kReplacement, .width = 1, .bytes = 1};
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool good = code >= kLeast[size] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
  if (!good) return {.code = kReplacement, .width = 1, .bytes = 1};
  return {.code = code, .width = 1, .bytes = size};
}

}  // namespace

Character first_character(std::string_view text) {
  Character character = decode(text);
  char32_t& code = character.code;
  if (code >= 0x20 && code < 0x7F) return character;
  if (code == '\t') {
    code = ' ';
  } else if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
    code = kControlStandIn;
  } else if (is_invisible(code)) {
    code = 0;
    character.width = 0;
  } else if (is_in(kMarks, code)) {
    character.width = 0;
  } else if (is_in(kWide, code)) {
    character.width = 2;
  }
  return character;
}

int text_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += character.width;
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string_view fitting(std::string_view text, int columns) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Character character = first_character(text.substr(bytes));
    if (character.width > columns) break;
    columns -= character.width;
    bytes += character.bytes;
  }
  return text.substr(0, bytes);
}

void append_utf8(char32_t code, std::string& out) {
  const auto tail = [&out, code](unsigned shift) {
    out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace livedata::cli::terminal
