#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livedata::collect {

/// A pattern of absolute paths, by its parts between slashes: `*`, `?` and `[a-z]` match within a
/// part, and not a leading dot; a part `**` is any number of folders. Immutable.
class PathPattern {
 public:
  /// kInvalidArgument for a path that is not absolute, or that ends with a slash or `**`.
  static Result<PathPattern> parse(std::string_view text);

  /// How many parts at the front stand for themselves; the last part is none of them.
  [[nodiscard]] std::size_t literal_parts() const { return literal_parts_; }
  /// The folder of so many of them.
  [[nodiscard]] std::string folder_of(std::size_t parts) const;

  /// Whether part `part` is `**`: then the folder is matched by the next part as well.
  [[nodiscard]] bool is_any_depth(std::size_t part) const { return parts_[part] == "**"; }
  /// Whether a name in a folder that stands for the parts before it matches the part.
  [[nodiscard]] bool matches_part(std::size_t part, const std::string& name) const;
  [[nodiscard]] bool is_last(std::size_t part) const { return part + 1 == parts_.size(); }

  /// The whole path.
  [[nodiscard]] bool matches(std::string_view path) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::string> parts_;
  std::size_t literal_parts_ = 0;
};

/// What is left out: whole paths, or names if there is no slash in it.
class ExcludePattern {
 public:
  static Result<ExcludePattern> parse(std::string_view text);
  [[nodiscard]] bool matches(const std::string& folder, const std::string& name) const;

 private:
  std::string name_;               // not empty: a pattern of names
  std::vector<PathPattern> path_;  // else: the one pattern
};

/// "/a/b" of "/a" and "b"; the folder may be "/".
std::string join_path(std::string_view folder, std::string_view name);

}  // namespace livedata::collect
