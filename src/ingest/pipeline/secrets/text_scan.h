#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

// What the finders of secrets have in common: bytes and words.
namespace livedata::ingest::pipeline {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alpha(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_alnum(char c) { return is_alpha(c) || is_digit(c); }
constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Whether the text at `at` is the word, which is in lower case, ignoring case.
constexpr bool has_word_at(std::string_view text, std::size_t at, std::string_view word) {
  if (text.size() - std::min(at, text.size()) < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (to_lower(text[at + i]) != word[i]) return false;
  }
  return true;
}

/// The end of the bytes from `at` on that are in the class.
template <class IsIn>
constexpr std::size_t end_of(std::string_view text, std::size_t at, const IsIn& is_in) {
  while (at < text.size() && is_in(text[at])) ++at;
  return at;
}

}  // namespace livedata::ingest::pipeline
