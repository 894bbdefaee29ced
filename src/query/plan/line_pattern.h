#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livedata::query::plan {

/// LogQL's pattern language: literals and captures, <name> or <_> for one without a name. Immutable
/// and thread-safe.
class LinePattern {
 public:
  /// For `| pattern`: at least one name, no name twice, no two captures side by side.
  static Result<LinePattern> for_parser(std::string_view text);
  /// For |> and !>: only captures without names.
  static Result<LinePattern> for_filter(std::string_view text);

  /// Calls take(name, value) for the named captures, up to the first literal that is missing: its
  /// capture is the rest of the line.
  template <class Take>
  void capture(std::string_view line, const Take& take) const;
  /// Whether the whole line is as the pattern says; a capture at the end stands for one character
  /// at least.
  [[nodiscard]] bool matches(std::string_view line) const;

  /// Each is in every line that matches.
  [[nodiscard]] std::vector<std::string> literals() const;

 private:
  struct Part {
    bool is_capture = false;
    std::string text;  // a literal, or a capture's name; "" for one without
  };
  static Result<LinePattern> parse(std::string_view text);
  std::vector<Part> parts_;
};

template <class Take>
void LinePattern::capture(std::string_view line, const Take& take) const {
  std::size_t i = 0;
  if (!parts_.front().is_capture) {
    if (!line.starts_with(parts_.front().text)) return;
    line.remove_prefix(parts_.front().text.size());
    i = 1;
  }
  if (line.empty() && i == 0) return;
  for (; i < parts_.size(); i += 2) {
    const std::string& name = parts_[i].text;
    const bool is_last = i + 1 == parts_.size();
    const std::size_t end = is_last ? std::string_view::npos : line.find(parts_[i + 1].text);
    if (!name.empty()) take(name, line.substr(0, end));
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + parts_[i + 1].text.size());
  }
}

}  // namespace livedata::query::plan
