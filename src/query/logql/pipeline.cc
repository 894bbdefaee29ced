#include "query/logql/pipeline.h"

#include <algorithm>

#include "query/logql/printer.h"
#include "query/plan/line_pattern.h"
#include "query/plan/required_literals.h"
#include "query/text_template/template.h"

namespace livedata::query::logql {
namespace {

bool changes_line(const Stage& stage) {
  if (const auto* parser = std::get_if<ParserStage>(&stage))
    return parser->format == ParserStage::Format::kUnpack;
  return std::holds_alternative<LineFormat>(stage) || std::holds_alternative<Decolorize>(stage);
}

/// What a line filter costs per row, as an order.
int cost(const LineFilter& filter) {
  if (std::any_of(filter.alternatives.begin(), filter.alternatives.end(),
                  [](const LineFilter::Alternative& a) { return a.is_ip; }))
    return 3;
  switch (filter.op) {
    case LineOp::kContains:
    case LineOp::kContainsNot:
      return 0;
    case LineOp::kPattern:
    case LineOp::kPatternNot:
      return 1;
    default:
      return 2;
  }
}

/// The stages in the order in which they are run. A line filter looks at the line alone: it gives
/// the same answer before everything that does not change the line, and what it drops need not be
/// parsed.
std::vector<const Stage*> in_running_order(const std::vector<Stage>& stages) {
  std::vector<const Stage*> order;
  std::size_t section = 0;  // where the current line begins to be
  for (const Stage& stage : stages) {
    if (const auto* filter = std::get_if<LineFilter>(&stage)) {
      const auto begin = order.begin() + static_cast<std::ptrdiff_t>(section);
      const auto place = std::find_if(begin, order.end(), [&](const Stage* other) {
        const auto* before = std::get_if<LineFilter>(other);
        return before == nullptr || cost(*before) > cost(*filter);
      });
      order.insert(place, &stage);
      continue;
    }
    order.push_back(&stage);
    if (changes_line(stage)) section = order.size();
  }
  return order;
}

/// Strings that every line with a match of the alternative contains.
std::vector<std::string> literals_of(LineOp op, const std::string& text) {
  switch (op) {
    case LineOp::kContains:
      return {text};
    case LineOp::kMatches:
      return plan::required_literals(text);
    case LineOp::kPattern: {
      const auto pattern = plan::LinePattern::for_filter(text);
      return pattern ? pattern->literals() : std::vector<std::string>();
    }
    default:
      return {};
  }
}

/// Whether the text stands for itself in every format that is parsed.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
  });
}

/// Stages that change nothing since no stage before can have made an error: what Grafana puts in
/// front of its log volume queries.
bool drops_errors_only(const Stage& stage) {
  const auto* drop = std::get_if<DropKeep>(&stage);
  return drop != nullptr && !drop->keep &&
         std::all_of(drop->labels.begin(), drop->labels.end(), [](const auto& label) {
           return label.first == plan::kErrorLabel || label.first == plan::kErrorDetailsLabel;
         });
}

}  // namespace

Result<Pipeline> Pipeline::compile(const std::vector<Stage>& stages, const StepContext& context) {
  Pipeline pipeline;
  bool sees_original_line = true;
  for (const Stage* stage : in_running_order(stages)) {
    if (!pipeline.distinct_labels_.empty() &&
        (std::holds_alternative<LineFilter>(*stage) ||
         std::holds_alternative<LabelFilter>(*stage) || std::holds_alternative<Distinct>(*stage))) {
      return fail(ErrorCode::kInvalidArgument,
                  "behind distinct no filter may stand; put it before distinct");
    }
    if (!pipeline.changes_labels_ && drops_errors_only(*stage)) continue;
    if (const auto* filter = std::get_if<LineFilter>(stage)) {
      LIVEDATA_RETURN_IF_ERROR(pipeline.add(*filter, sees_original_line));
    } else {
      LIVEDATA_RETURN_IF_ERROR(pipeline.add(*stage, context));
    }
    sees_original_line = sees_original_line && !changes_line(*stage);
  }
  return pipeline;
}

bool Pipeline::run(plan::Row& row) const {
  return std::all_of(steps_.begin(), steps_.end(), [&row](const Step& step) { return step(row); });
}

bool Pipeline::run_counted(plan::Row& row, std::vector<StepCount>& counts) const {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    ++counts[i].rows_in;
    if (!steps_[i](row)) return false;
    ++counts[i].rows_out;
  }
  return true;
}

Result<void> Pipeline::add(const LineFilter& filter, bool sees_original_line) {
  reads_line_ = true;
  if (sees_original_line) note_needles(filter);
  LIVEDATA_TRY(Step step, make_step(filter));
  steps_.push_back(std::move(step));
  step_texts_.push_back(print(Stage(filter)));
  return {};
}

void Pipeline::note_needles(const LineFilter& filter) {
  const auto& alternatives = filter.alternatives;
  if (std::any_of(alternatives.begin(), alternatives.end(), [](const auto& a) { return a.is_ip; }))
    return;
  if (alternatives.size() == 1) {
    for (std::string& literal : literals_of(filter.op, alternatives.front().text)) {
      if (!literal.empty()) needles_.push_back(std::move(literal));
    }
  }
  storage::ScanRequest::NeedleChoice choice;
  for (const LineFilter::Alternative& alternative : alternatives) {
    std::vector<std::string> texts = filter.op == LineOp::kMatches
                                         ? plan::literal_choice(alternative.text)
                                         : literals_of(filter.op, alternative.text);
    if (texts.empty()) return;  // an alternative of which nothing is known
    // Of several literals of one pattern the longest says the most.
    if (filter.op == LineOp::kPattern) {
      std::swap(texts.front(),
                *std::max_element(texts.begin(), texts.end(), [](const auto& a, const auto& b) {
                  return a.size() < b.size();
                }));
      texts.resize(1);
    }
    choice.any_of.insert(choice.any_of.end(), texts.begin(), texts.end());
  }
  if (choice.any_of.size() > 1) needle_choices_.push_back(std::move(choice));
}

Result<void> Pipeline::add(const Stage& stage, const StepContext& context) {
  note(stage);
  if (const auto* distinct = std::get_if<Distinct>(&stage)) {
    distinct_labels_ = distinct->names;
    return {};
  }
  struct Maker {
    const StepContext& context;
    Result<Step> operator()(const LineFilter& s) const { return make_step(s); }
    Result<Step> operator()(const ParserStage& s) const { return make_step(s); }
    Result<Step> operator()(const LabelFilter& s) const { return make_step(s, context); }
    Result<Step> operator()(const LineFormat& s) const { return make_step(s, context); }
    Result<Step> operator()(const LabelFormat& s) const { return make_step(s, context); }
    Result<Step> operator()(const Decolorize& s) const { return make_step(s); }
    Result<Step> operator()(const DropKeep& s) const { return make_step(s); }
    Result<Step> operator()(const Distinct& /*s*/) const {
      return fail(ErrorCode::kInternal, "distinct is no step");
    }
  };
  LIVEDATA_TRY(Step step, std::visit(Maker{context}, stage));
  steps_.push_back(std::move(step));
  step_texts_.push_back(print(stage));
  return {};
}

/// What the stage reads and changes. Called in running order, so that changes_labels_ tells of the
/// stages before.
void Pipeline::note(const Stage& stage) {
  if (const auto* filter = std::get_if<LabelFilter>(&stage)) {
    // Behind a parser the name may be of something that it made.
    if (!changes_labels_) note_field_values(*filter);
    if (changes_labels_ && only_parsed_) note_parsed_values(*filter);
    note_label_filter(*filter);
    return;
  }
  if (const auto* distinct = std::get_if<Distinct>(&stage)) {
    for (const std::string& name : distinct->names) read_label(name);
    return;
  }
  if (std::holds_alternative<Decolorize>(stage)) {
    reads_line_ = true;
    only_parsed_ = false;
    return;
  }
  changes_labels_ = true;
  only_parsed_ =
      only_parsed_ && !changes_line(stage) && !std::holds_alternative<LabelFormat>(stage);
  if (const auto* drop = std::get_if<DropKeep>(&stage)) {
    for (const auto& [name, matcher] : drop->labels) {
      if (matcher) read_label(name);
    }
  } else if (const auto* format = std::get_if<LabelFormat>(&stage)) {
    for (const LabelFormat::Assignment& assignment : format->assignments) {
      if (assignment.renames) {
        read_label(assignment.source);
      } else {
        note_template(assignment.source);
      }
    }
  } else if (const auto* line = std::get_if<LineFormat>(&stage)) {
    reads_line_ = true;
    note_template(line->text);
  } else {
    reads_line_ = true;  // a parser
  }
}

void Pipeline::note_template(std::string_view text) {
  const auto compiled = text_template::Template::parse(text);
  if (!compiled) return;  // make_step() tells of it
  if (compiled->reads_all()) {
    labels_read_.reset();
    reads_line_ = true;
    return;
  }
  for (const std::string& name : compiled->fields()) read_label(name);
  if (compiled->reads_line()) reads_line_ = true;
}

void Pipeline::note_label_filter(const LabelFilter& filter) {
  if (filter.left != nullptr) {
    note_label_filter(*filter.left);
    note_label_filter(*filter.right);
    return;
  }
  read_label(filter.name);
  const bool may_fail = filter.kind == LabelFilter::Kind::kNumber ||
                        filter.kind == LabelFilter::Kind::kDuration ||
                        filter.kind == LabelFilter::Kind::kBytes;
  if (may_fail) changes_labels_ = true;  // may set __error__
}

/// `| json | trace_id="x"`: the value stands in the line, or the record has the label itself. JSON
/// may write a letter as \\u00xx.
void Pipeline::note_parsed_values(const LabelFilter& filter) {
  if (filter.kind == LabelFilter::Kind::kAnd) {
    note_parsed_values(*filter.left);
    note_parsed_values(*filter.right);
  } else if (filter.kind == LabelFilter::Kind::kString && filter.matcher &&
             filter.matcher->op() == MatchOp::kEqual && !filter.matcher->value().empty() &&
             is_plain(filter.matcher->value()) && !filter.name.ends_with("_extracted") &&
             !filter.name.starts_with("__error")) {
    needle_choices_.push_back({{filter.matcher->value(), "\\u00"}, filter.name});
  }
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

}  // namespace livedata::query::logql
