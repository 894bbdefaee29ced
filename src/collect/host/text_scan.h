#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace livedata::collect::host {

/// The decimal number that a text begins with; 0 where it begins with none, or with one too large.
template <class Number>
Number to_number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Takes words and lines off the front of a text.
class TextScanner {
 public:
  explicit TextScanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  std::string_view line() { return cut(rest_.find('\n')); }
  /// Up to a character, which is taken off, too; all of the rest without it.
  std::string_view until(char end) { return cut(rest_.find(end)); }
  /// The next word, or "" at the end.
  std::string_view word() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n"), rest_.size()));
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\n"));
    rest_.remove_prefix(word.size());
    return word;
  }
  /// The next word as a number; 0 where it is none.
  std::uint64_t number() { return to_number<std::uint64_t>(word()); }
  double decimal() { return to_number<double>(word()); }
  void skip(int words) {
    while (words-- > 0) word();
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view cut(std::size_t end) {
    const std::string_view part = rest_.substr(0, end);
    rest_.remove_prefix(std::min(part.size() + 1, rest_.size()));
    return part;
  }

  std::string_view rest_;
};

/// Without blanks and line ends around it.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

/// Difference of two readings of a counter; 0 when it was reset.
constexpr std::uint64_t counter_increase(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : 0;
}

}  // namespace livedata::collect::host
