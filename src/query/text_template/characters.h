#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace livedata::query::text_template {

/// A character and the number of bytes it takes. A byte that is no UTF-8 counts as a character of
/// its own, kBadCharacter.
struct Character {
  char32_t code = 0;
  std::size_t size = 0;
};
constexpr char32_t kBadCharacter = 0xFFFD;

/// The first character of a text that is not empty.
Character first_character(std::string_view text);
void append_character(std::string& out, char32_t code);
std::size_t count_characters(std::string_view text);
/// Bytes taken by the first `count` characters.
std::size_t size_of_characters(std::string_view text, std::size_t count);

/// Letters of the Latin, Greek and Cyrillic scripts; others stay as they are.
char32_t to_lower(char32_t code);
char32_t to_upper(char32_t code);
bool is_letter_or_digit(char32_t code);

}  // namespace livedata::query::text_template
