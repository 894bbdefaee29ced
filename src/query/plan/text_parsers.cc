// Labels from lines that are plain text: regexes and patterns.
#include <algorithm>
#include <array>

#include <re2/re2.h>

#include "query/plan/line_parsers.h"

namespace livedata::query::plan {
namespace {

constexpr int kMaxGroups = 100;

}  // namespace

Result<RegexParser> RegexParser::make(std::string_view regex) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  RegexParser parser;
  parser.regex_ =
      std::make_shared<const re2::RE2>(re2::StringPiece(regex.data(), regex.size()), options);
  if (!parser.regex_->ok()) {
    return fail(ErrorCode::kInvalidArgument, "the regex '{}' is wrong: {}", regex,
                parser.regex_->error());
  }
  const int groups = parser.regex_->NumberOfCapturingGroups();
  if (groups > kMaxGroups)
    return fail(ErrorCode::kInvalidArgument, "the regex has more than {} groups", kMaxGroups);
  parser.names_.resize(static_cast<std::size_t>(groups) + 1);
  for (const auto& [group, name] : parser.regex_->CapturingGroupNames()) {
    if (std::find(parser.names_.begin(), parser.names_.end(), name) != parser.names_.end())
      return fail(ErrorCode::kInvalidArgument, "duplicate extracted label name '{}'", name);
    if (!is_label_name(name)) {
      return fail(ErrorCode::kInvalidArgument, "invalid extracted label name '{}'", name);
    }
    parser.names_[static_cast<std::size_t>(group)] = name;
  }
  if (parser.regex_->CapturingGroupNames().empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "at least one named capture must be supplied, such as (?P<name>...)");
  }
  return parser;
}

void RegexParser::parse(Row& row) const {
  const std::string_view line = row.line();
  std::array<re2::StringPiece, kMaxGroups + 1> groups;
  const auto count = static_cast<int>(names_.size());
  if (!regex_->Match(re2::StringPiece(line.data(), line.size()), 0, line.size(),
                     re2::RE2::UNANCHORED, groups.data(), count))
    return;
  for (std::size_t i = 1; i < names_.size(); ++i) {
    if (!names_[i].empty()) row.add_parsed(names_[i], {groups[i].data(), groups[i].size()});
  }
}

void parse_pattern(const LinePattern& pattern, Row& row) {
  pattern.capture(row.line(), [&row](std::string_view name, std::string_view value) {
    row.add_parsed(name, value);
  });
}

}  // namespace livedata::query::plan
