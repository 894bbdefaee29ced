#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/labels.h"

namespace re2 {
class RE2;
}

namespace livedata {

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };

/// "=", "!=", "=~" or "!~".
std::string_view symbol(MatchOp op);

/// One condition on a label: name, operator, value. Regexes are RE2's and must match the whole
/// value. An absent label counts as the empty string. Immutable and thread-safe; copies share the
/// compiled regex.
class LabelMatcher {
 public:
  /// kInvalidArgument for a regex that does not compile.
  static Result<LabelMatcher> make(std::string name, MatchOp op, std::string value);

  [[nodiscard]] bool matches(std::string_view value) const;
  [[nodiscard]] bool matches(const Labels& labels) const { return matches(labels.get(name_)); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] MatchOp op() const { return op_; }
  [[nodiscard]] const std::string& value() const { return value_; }

 private:
  LabelMatcher(std::string name, MatchOp op, std::string value,
               std::shared_ptr<const re2::RE2> regex)
      : name_(std::move(name)), op_(op), value_(std::move(value)), regex_(std::move(regex)) {}

  std::string name_;
  MatchOp op_;
  std::string value_;
  std::shared_ptr<const re2::RE2> regex_;  // null for = and !=
};

/// Whether every matcher accepts the labels.
bool matches_all(const std::vector<LabelMatcher>& matchers, const Labels& labels);

}  // namespace livedata
