#pragma once

#include <string>
#include <string_view>

namespace livedata::query::patterns {

/// Writes the text of a LogQL pattern filter from literals and variables in order.
///
/// Variables side by side become one, also with nothing but blanks between: "<_> <_>" says little
/// more than "<_>", and lines with a different number of words there then share one pattern. What
/// would read as a capture in a literal, such as <name>, is a variable too: the language has no
/// escape for it.
class PatternText {
 public:
  void literal(std::string_view text) { pending_ += text; }
  void variable();
  /// The finished text; the writer is empty again afterwards.
  std::string take();

 private:
  void write_pending();
  void write_variable();
  void write_literal(std::string_view text);
  std::string out_;
  std::string pending_;  // literal not written yet: a variable may follow that swallows it
  bool after_variable_ = false;
};

}  // namespace livedata::query::patterns
