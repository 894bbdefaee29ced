#include "model/label_matcher.h"

#include <algorithm>
#include <array>

#include <re2/re2.h>

namespace livedata {

std::string_view symbol(MatchOp op) {
  constexpr std::array<std::string_view, 4> kSymbols = {"=", "!=", "=~", "!~"};
  return kSymbols[static_cast<std::size_t>(op)];
}

Result<LabelMatcher> LabelMatcher::make(std::string name, MatchOp op, std::string value) {
  std::shared_ptr<const re2::RE2> regex;
  if (op == MatchOp::kRegex || op == MatchOp::kNotRegex) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    regex = std::make_shared<const re2::RE2>(value, options);
    if (!regex->ok()) {
      return fail(ErrorCode::kInvalidArgument, "the regex '{}' of label {} is wrong: {}", value,
                  name, regex->error());
    }
  }
  return LabelMatcher(std::move(name), op, std::move(value), std::move(regex));
}

bool LabelMatcher::matches(std::string_view value) const {
  switch (op_) {
    case MatchOp::kEqual:
      return value == value_;
    case MatchOp::kNotEqual:
      return value != value_;
    case MatchOp::kRegex:
      return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *regex_);
    case MatchOp::kNotRegex:
      return !re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *regex_);
  }
  return false;
}

bool matches_all(const std::vector<LabelMatcher>& matchers, const Labels& labels) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const LabelMatcher& m) { return m.matches(labels); });
}

}  // namespace livedata
