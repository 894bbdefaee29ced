#include "query/plan/line_pattern.h"

#include <set>

#include "model/labels.h"

namespace livedata::query::plan {
namespace {

/// The name in a capture at the start of the text, such as <name>; "" if there is none.
std::string_view capture_name(std::string_view text) {
  const std::size_t end = text.find('>');
  if (!text.starts_with('<') || end == std::string_view::npos) return {};
  const std::string_view name = text.substr(1, end - 1);
  return is_label_name(name) ? name : std::string_view();
}

}  // namespace

Result<LinePattern> LinePattern::parse(std::string_view text) {
  const std::string_view whole = text;
  LinePattern pattern;
  while (!text.empty()) {
    const std::string_view name = capture_name(text);
    if (name.empty()) {
      if (pattern.parts_.empty() || pattern.parts_.back().is_capture) pattern.parts_.emplace_back();
      pattern.parts_.back().text += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (!pattern.parts_.empty() && pattern.parts_.back().is_capture) {
      return fail(ErrorCode::kInvalidArgument,
                  "the pattern '{}' has two captures side by side; nothing says where the first "
                  "one ends",
                  whole);
    }
    pattern.parts_.push_back({true, std::string(name == "_" ? std::string_view() : name)});
    text.remove_prefix(name.size() + 2);
  }
  return pattern;
}

Result<LinePattern> LinePattern::for_parser(std::string_view text) {
  LIVEDATA_TRY(LinePattern pattern, parse(text));
  std::set<std::string_view> names;
  for (const Part& part : pattern.parts_) {
    if (part.is_capture && !part.text.empty() && !names.insert(part.text).second) {
      return fail(ErrorCode::kInvalidArgument, "duplicate capture name ({}) in the pattern '{}'",
                  part.text, text);
    }
  }
  if (names.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "at least one capture is required in the pattern '{}', such as <ip>", text);
  }
  return pattern;
}

Result<LinePattern> LinePattern::for_filter(std::string_view text) {
  LIVEDATA_TRY(LinePattern pattern, parse(text));
  for (const Part& part : pattern.parts_) {
    if (part.is_capture && !part.text.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  "named captures are not allowed in the pattern filter '{}': found '<{}>', write "
                  "<_>",
                  text, part.text);
    }
  }
  return pattern;
}

bool LinePattern::matches(std::string_view line) const {
  if (parts_.empty() || line.empty()) return parts_.empty() && line.empty();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].is_capture) continue;
    const std::string& literal = parts_[i].text;
    // As in Loki the first place of a literal counts, and a capture holds something.
    const std::size_t at = line.find(literal);
    if (at == std::string_view::npos || (i == 0) != (at == 0)) return false;
    line.remove_prefix(at + literal.size());
  }
  return parts_.back().is_capture ? !line.empty() : line.empty();
}

std::vector<std::string> LinePattern::literals() const {
  std::vector<std::string> out;
  for (const Part& part : parts_) {
    if (!part.is_capture) out.push_back(part.text);
  }
  return out;
}

}  // namespace livedata::query::plan
