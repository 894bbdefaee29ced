#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace livedata::cli {

/// What a word of SQL may become: keywords and functions that are used often, and names of tables
/// and columns.
class SqlWords {
 public:
  /// `names` of tables and columns.
  explicit SqlWords(const std::vector<std::string>& names);

  /// Sorted. Letters of keywords come in the case that the word begins with.
  [[nodiscard]] std::vector<std::string> starting_with(std::string_view word) const;

 private:
  std::vector<std::string> names_;
};

/// Whether a text is a whole statement: it ends with a semicolon that stands in no string, quoted
/// name or comment.
bool ends_statement(std::string_view text);

}  // namespace livedata::cli
