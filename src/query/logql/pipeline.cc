#include "query/logql/pipeline.h"

#include <algorithm>
#include <cstring>

#include <re2/re2.h>

#include "query/plan/line_parsers.h"
#include "query/plan/units.h"

namespace livedata::query::logql {
namespace {

bool contains(std::string_view line, std::string_view needle) {
  return needle.empty() ||
         ::memmem(line.data(), line.size(), needle.data(), needle.size()) != nullptr;
}

bool compare(double left, Comparison comparison, double right) {
  switch (comparison) {
    case Comparison::kEqual:
      return left == right;
    case Comparison::kNotEqual:
      return left != right;
    case Comparison::kGreater:
      return left > right;
    case Comparison::kGreaterOrEqual:
      return left >= right;
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessOrEqual:
      return left <= right;
  }
  return false;
}

/// The value as a number in the filter's unit; numeric fields need no text.
std::optional<double> to_number(const FieldValue& value, LabelFilter::Kind kind) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr) return std::nullopt;
  switch (kind) {
    case LabelFilter::Kind::kDuration:
      return plan::parse_duration_ns(*text);
    case LabelFilter::Kind::kBytes:
      return plan::parse_bytes(*text);
    default:
      return plan::parse_number(*text);
  }
}

/// A filter on a number. A missing label fails; one that is no number is an error on the row, which
/// passes.
bool passes_number(const LabelFilter& filter, plan::Row& row) {
  const auto value = row.find(filter.name);
  if (!value) return false;
  const auto number = to_number(*value, filter.kind);
  if (!number) {
    row.set_error("LabelFilterErr",
                  fmt::format("the value '{}' of label {} is not of the filter's kind",
                              to_string(*value), filter.name));
    return true;
  }
  return compare(*number, filter.comparison, filter.value);
}

bool passes(const LabelFilter& filter, plan::Row& row) {
  switch (filter.kind) {
    case LabelFilter::Kind::kString: {
      // A string filter always has a matcher.
      // NOLINTBEGIN(bugprone-unchecked-optional-access)
      const auto value = row.find(filter.name);
      if (!value) return filter.matcher->matches(std::string_view());
      if (const auto* text = std::get_if<std::string_view>(&*value))
        return filter.matcher->matches(*text);
      return filter.matcher->matches(to_string(*value));
      // NOLINTEND(bugprone-unchecked-optional-access)
    }
    case LabelFilter::Kind::kAnd:
      return passes(*filter.left, row) && passes(*filter.right, row);
    case LabelFilter::Kind::kOr:
      return passes(*filter.left, row) || passes(*filter.right, row);
    default:
      return passes_number(filter, row);
  }
}

void drop_labels(const DropKeep& stage, plan::Row& row) {
  for (const auto& [name, matcher] : stage.labels) {
    const auto value = row.find(name);
    if (value && (!matcher || matcher->matches(to_string(*value)))) row.hide(name);
  }
}

void keep_labels(const DropKeep& stage, plan::Row& row) {
  for (const Label& label : row.all_labels()) {
    if (label.name.starts_with("__error")) continue;
    const bool kept = std::any_of(stage.labels.begin(), stage.labels.end(), [&](const auto& entry) {
      return entry.first == label.name && (!entry.second || entry.second->matches(label.value));
    });
    if (!kept) row.hide(label.name);
  }
}

}  // namespace

Result<Pipeline> Pipeline::compile(const std::vector<Stage>& stages) {
  Pipeline pipeline;
  for (const Stage& stage : stages) {
    LIVEDATA_RETURN_IF_ERROR(std::visit([&](const auto& s) { return pipeline.add(s); }, stage));
  }
  return pipeline;
}

bool Pipeline::run(plan::Row& row) const {
  return std::all_of(steps_.begin(), steps_.end(), [&row](const Step& step) { return step(row); });
}

Result<void> Pipeline::add(const LineFilter& filter) {
  reads_line_ = true;
  const bool wanted = filter.op == MatchOp::kEqual || filter.op == MatchOp::kRegex;
  if (filter.op == MatchOp::kEqual || filter.op == MatchOp::kNotEqual) {
    if (wanted && filter.alternatives.size() == 1 && !filter.alternatives.front().empty())
      needles_.push_back(filter.alternatives.front());
    steps_.emplace_back([alternatives = filter.alternatives, wanted](plan::Row& row) {
      const std::string_view line = row.line();
      return wanted == std::any_of(alternatives.begin(), alternatives.end(),
                                   [&](const std::string& a) { return contains(line, a); });
    });
    return {};
  }
  std::vector<std::shared_ptr<const re2::RE2>> regexes;
  for (const std::string& text : filter.alternatives) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto regex = std::make_shared<const re2::RE2>(text, options);
    if (!regex->ok())
      return fail(ErrorCode::kInvalidArgument, "the regex '{}' is wrong: {}", text, regex->error());
    regexes.push_back(std::move(regex));
  }
  steps_.emplace_back([regexes, wanted](plan::Row& row) {
    const std::string_view line = row.line();
    const re2::StringPiece piece(line.data(), line.size());
    return wanted == std::any_of(regexes.begin(), regexes.end(),
                                 [&](const auto& r) { return re2::RE2::PartialMatch(piece, *r); });
  });
  return {};
}

Result<void> Pipeline::add(const ParserStage& stage) {
  reads_line_ = true;
  changes_labels_ = true;
  if (stage.format == ParserStage::Format::kJson) {
    steps_.emplace_back([expressions = stage.expressions](plan::Row& row) {
      plan::parse_json_line(expressions, row);
      return true;
    });
    return {};
  }
  const plan::LogfmtOptions options{.strict = stage.strict, .keep_empty = stage.keep_empty};
  steps_.emplace_back([expressions = stage.expressions, options](plan::Row& row) {
    plan::parse_logfmt_line(expressions, options, row);
    return true;
  });
  return {};
}

void Pipeline::note_labels(const LabelFilter& filter) {
  if (filter.left != nullptr) {
    note_labels(*filter.left);
    note_labels(*filter.right);
    return;
  }
  filtered_labels_.push_back(filter.name);
  if (filter.kind != LabelFilter::Kind::kString) changes_labels_ = true;  // may set __error__
}

void Pipeline::note_field_values(const LabelFilter& filter) {
  if (filter.kind == LabelFilter::Kind::kAnd) {
    note_field_values(*filter.left);
    note_field_values(*filter.right);
  } else if (filter.kind == LabelFilter::Kind::kString && filter.matcher &&
             filter.matcher->op() == MatchOp::kEqual && !filter.matcher->value().empty()) {
    field_values_.push_back({filter.name, filter.matcher->value()});
  }
}

Result<void> Pipeline::add(const LabelFilter& filter) {
  // Behind a parser the name may be of something that it made.
  if (!changes_labels_) note_field_values(filter);
  note_labels(filter);
  steps_.emplace_back([filter](plan::Row& row) { return passes(filter, row); });
  return {};
}

Result<void> Pipeline::add(const DropKeep& stage) {
  changes_labels_ = true;
  for (const auto& [name, matcher] : stage.labels) filtered_labels_.push_back(name);
  steps_.emplace_back([stage](plan::Row& row) {
    if (stage.keep) {
      keep_labels(stage, row);
    } else {
      drop_labels(stage, row);
    }
    return true;
  });
  return {};
}

}  // namespace livedata::query::logql
