#pragma once

#include <string_view>

#include "base/result.h"

namespace livedata::query::text_template {

/// Where the parser stands in the text of a template.
class Cursor {
 public:
  static constexpr std::string_view kSpace = " \t\r\n";

  explicit Cursor(std::string_view text) : whole_(text), rest_(text) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }
  /// May be moved on by the caller.
  std::string_view& rest() { return rest_; }
  void skip(std::size_t size) { rest_.remove_prefix(size); }
  void skip_space();
  bool take(char c);

  /// The name that begins here, or nothing.
  [[nodiscard]] std::string_view peek_word() const;
  /// Takes that name, with the space behind it.
  std::string_view take_word();

  /// Whether -}} stands here, which asks for a space before it.
  [[nodiscard]] bool at_trimming_end() const;
  [[nodiscard]] bool at_action_end() const { return rest_.starts_with("}}") || at_trimming_end(); }

  [[nodiscard]] tl::unexpected<Error> error(std::string_view what) const;
  [[nodiscard]] tl::unexpected<Error> unexpected(std::string_view where) const;

 private:
  std::string_view whole_;
  std::string_view rest_;
};

bool starts_name(char c);

}  // namespace livedata::query::text_template
