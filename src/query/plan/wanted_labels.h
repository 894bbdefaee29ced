#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace livedata::query::plan {

/// Names of the labels that later stages and the answer look at. A parser leaves out the others,
/// which is most of its work. Immutable when it is used; then thread-safe.
class WantedLabels {
 public:
  void add(std::string_view name) {
    insert(name);
    // A parsed name that clashes is looked for under its longer name.
    constexpr std::string_view kSuffix = "_extracted";
    if (name.ends_with(kSuffix)) insert(name.substr(0, name.size() - kSuffix.size()));
  }
  [[nodiscard]] bool contains(std::string_view name) const {
    return std::any_of(names_.begin(), names_.end(),
                       [&](const std::string& wanted) { return wanted == name; });
  }
  /// Whether there may be a name that begins with the prefix.
  [[nodiscard]] bool contains_below(std::string_view prefix) const {
    return std::any_of(names_.begin(), names_.end(),
                       [&](const std::string& wanted) { return wanted.starts_with(prefix); });
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  void insert(std::string_view name) {
    if (!contains(name)) names_.emplace_back(name);
  }
  std::vector<std::string> names_;  // few, so that going through them is the fastest
};

}  // namespace livedata::query::plan
