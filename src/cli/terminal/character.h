#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace livedata::cli::terminal {

/// A code point as a terminal shows it.
struct Character {
  char32_t code = 0;
  int width = 0;          ///< columns: 0 (a mark on the character before it), 1 or 2
  std::size_t bytes = 0;  ///< of the text that it was decoded from
};

/// Stands for bytes that are no UTF-8.
constexpr char32_t kReplacement = 0xFFFD;
/// Stands for control characters, so that none reaches the terminal.
constexpr char32_t kControlStandIn = 0x00B7;

/// The first character of a text that is not empty. What would command the terminal or turn the
/// direction of writing around (C0, C1, DEL, bidi and other format characters) is replaced: a tab
/// by a blank, others by kControlStandIn, invisible ones by a character of width 0 with code 0.
Character first_character(std::string_view text);

/// Columns of a text, each character as first_character() shows it.
int text_width(std::string_view text);

/// The longest start of a text that fits into so many columns.
std::string_view fitting(std::string_view text, int columns);

void append_utf8(char32_t code, std::string& out);

}  // namespace livedata::cli::terminal
