#include "ingest/pipeline/settings/selector.h"

#include <algorithm>
#include <string>

namespace livedata::ingest::pipeline {
namespace {

/// Reads a selector from left to right.
class SelectorReader {
 public:
  explicit SelectorReader(std::string_view text) : whole_(text), rest_(text) {}

  Result<std::vector<LabelMatcher>> read() {
    skip_space();
    const bool has_braces = take("{");
    std::vector<LabelMatcher> matchers;
    for (;;) {
      skip_space();
      if (rest_.empty() || rest_.front() == '}') break;
      if (!matchers.empty() && !take(",")) return wrong("a comma is missing");
      skip_space();
      LIVEDATA_TRY(LabelMatcher matcher, read_matcher());
      matchers.push_back(std::move(matcher));
    }
    if (has_braces && !take("}")) return wrong("the closing brace is missing");
    skip_space();
    if (!rest_.empty()) return wrong("there is something behind it");
    if (matchers.empty()) return wrong("it holds no condition");
    return matchers;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorCode::kInvalidArgument,
                "the selector '{}' is wrong at character {}: {}; expected one such as "
                "{{app=\"web\", level=~\"info|debug\"}}",
                whole_, whole_.size() - rest_.size() + 1, what);
  }

  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  Result<LabelMatcher> read_matcher() {
    const std::string_view name = rest_.substr(0, rest_.find_first_of(" \t=!~,}"));
    if (!is_label_name(name)) return wrong("a label's name is missing");
    rest_.remove_prefix(name.size());
    skip_space();
    MatchOp op = MatchOp::kEqual;
    if (take("=~")) {
      op = MatchOp::kRegex;
    } else if (take("!~")) {
      op = MatchOp::kNotRegex;
    } else if (take("!=")) {
      op = MatchOp::kNotEqual;
    } else if (!take("=")) {
      return wrong("=, !=, =~ or !~ is missing behind the name");
    }
    skip_space();
    LIVEDATA_TRY(std::string value, read_value());
    return LabelMatcher::make(std::string(name), op, std::move(value));
  }

  /// "text" with escapes, or `text` without.
  Result<std::string> read_value() {
    if (take("`")) {
      const std::size_t end = rest_.find('`');
      if (end == std::string_view::npos) return wrong("the closing ` is missing");
      std::string value(rest_.substr(0, end));
      rest_.remove_prefix(end + 1);
      return value;
    }
    if (!take("\"")) return wrong("a value in double quotes is missing");
    std::string value;
    while (!rest_.empty() && rest_.front() != '"') {
      const bool escaped = take("\\");
      if (rest_.empty()) break;
      if (escaped && rest_.front() != '"' && rest_.front() != '\\' && rest_.front() != 'n')
        return wrong("only \\\", \\\\ and \\n are escapes; use `...` for a regex");
      value += escaped && rest_.front() == 'n' ? '\n' : rest_.front();
      rest_.remove_prefix(1);
    }
    if (!take("\"")) return wrong("the closing quote is missing");
    return value;
  }

  std::string_view whole_;
  std::string_view rest_;
};

}  // namespace

Result<std::vector<LabelMatcher>> parse_selector(std::string_view text) {
  return SelectorReader(text).read();
}

}  // namespace livedata::ingest::pipeline
