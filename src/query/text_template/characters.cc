#include "query/text_template/characters.h"

#include <array>

namespace livedata::query::text_template {
namespace {

/// Large letters whose small ones are `distance` further on. In runs of pairs (step 2) they take
/// turns.
struct Letters {
  char32_t first;
  char32_t last;
  char32_t distance;
  char32_t step;
};
constexpr std::array kLetters = {
    Letters{'A', 'Z', 32, 1},     Letters{0xC0, 0xD6, 32, 1},    Letters{0xD8, 0xDE, 32, 1},
    Letters{0x100, 0x12E, 1, 2},  Letters{0x132, 0x136, 1, 2},   Letters{0x139, 0x147, 1, 2},
    Letters{0x14A, 0x176, 1, 2},  Letters{0x179, 0x17D, 1, 2},   Letters{0x388, 0x38A, 37, 1},
    Letters{0x391, 0x3A1, 32, 1}, Letters{0x3A3, 0x3AB, 32, 1},  Letters{0x400, 0x40F, 80, 1},
    Letters{0x410, 0x42F, 32, 1}, Letters{0x460, 0x480, 1, 2},   Letters{0x48A, 0x4BE, 1, 2},
    Letters{0x4D0, 0x52E, 1, 2},  Letters{0x1E00, 0x1E94, 1, 2}, Letters{0x1EA0, 0x1EFE, 1, 2},
};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80U) return {lead, 1};
  const std::size_t size = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : 2;
  if (lead < 0xC2U || lead > 0xF4U || size > text.size()) return {kBadCharacter, 1};
  char32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(text[i])) return {kBadCharacter, 1};
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (overlong || surrogate || code > 0x10FFFF) return {kBadCharacter, 1};
  return {code, size};
}

void append_character(std::string& out, char32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = kBadCharacter;
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0U | (code >> 6U));
  } else {
    if (code < 0x10000) {
      put(0xE0U | (code >> 12U));
    } else {
      put(0xF0U | (code >> 18U));
      put(0x80U | ((code >> 12U) & 0x3FU));
    }
    put(0x80U | ((code >> 6U) & 0x3FU));
  }
  put(0x80U | (code & 0x3FU));
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text).size);
  return count;
}

std::size_t size_of_characters(std::string_view text, std::size_t count) {
  std::size_t size = 0;
  for (; count > 0 && size < text.size(); --count) size += first_character(text.substr(size)).size;
  return size;
}

char32_t to_lower(char32_t code) {
  for (const Letters& letters : kLetters) {
    if (code >= letters.first && code <= letters.last && (code - letters.first) % letters.step == 0)
      return code + letters.distance;
  }
  return code;
}

char32_t to_upper(char32_t code) {
  for (const Letters& letters : kLetters) {
    if (code < letters.first + letters.distance || code > letters.last + letters.distance) continue;
    if ((code - letters.first - letters.distance) % letters.step == 0)
      return code - letters.distance;
  }
  return code;
}

bool is_letter_or_digit(char32_t code) {
  return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
         (code >= 'A' && code <= 'Z') || (code >= 0xC0 && code != kBadCharacter);
}

}  // namespace livedata::query::text_template
