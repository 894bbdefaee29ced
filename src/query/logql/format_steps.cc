// Stages that make labels and change the line.
#include <algorithm>

#include "query/logql/steps.h"
#include "query/plan/ansi.h"
#include "query/plan/line_parsers.h"
#include "query/text_template/template.h"

namespace livedata::query::logql {
namespace {

using text_template::Template;

constexpr std::string_view kTemplateError = "TemplateFormatErr";

/// The row as a template sees it. The row must outlive it.
text_template::Data template_data(plan::Row& row, TimestampNs now) {
  text_template::Data data;
  data.find = [&row](std::string_view name) -> std::optional<std::string> {
    const auto value = row.find(name);
    return value ? std::optional(to_string(*value)) : std::nullopt;
  };
  data.all = [&row] {
    std::vector<std::pair<std::string, std::string>> all;
    for (Label& label : row.all_labels())
      all.emplace_back(std::move(label.name), std::move(label.value));
    std::sort(all.begin(), all.end());
    return all;
  };
  data.line = row.line();
  data.timestamp_ns = row.timestamp();
  data.now_ns = now;
  return data;
}

void drop_labels(const DropKeep& stage, plan::Row& row) {
  for (const auto& [name, matcher] : stage.labels) {
    const auto value = row.find(name);
    if (value && (!matcher || matcher->matches(to_string(*value)))) row.remove(name);
  }
}

void keep_labels(const DropKeep& stage, plan::Row& row) {
  for (const Label& label : row.all_labels()) {
    if (label.name == plan::kErrorLabel || label.name == plan::kErrorDetailsLabel) continue;
    const bool kept = std::any_of(stage.labels.begin(), stage.labels.end(), [&](const auto& entry) {
      return entry.first == label.name && (!entry.second || entry.second->matches(label.value));
    });
    if (!kept) row.remove(label.name);
  }
}

struct CompiledAssignment {
  std::string name;
  std::string renamed_from;  // or
  std::optional<Template> value = {};
};

void assign(const CompiledAssignment& assignment, plan::Row& row, TimestampNs now) {
  if (!assignment.value) {
    const auto category = row.category_of(assignment.renamed_from);
    const auto value = row.find(assignment.renamed_from);
    if (!value || !category) return;
    const std::string text = to_string(*value);
    row.remove(assignment.renamed_from);
    row.set(*category, assignment.name, text);
    return;
  }
  std::string out;
  if (const auto done = assignment.value->run(template_data(row, now), out); !done) {
    row.set_error(kTemplateError, done.error().message);
    return;
  }
  row.set(plan::Row::Category::kParsed, assignment.name, out);
}

Step always(std::function<void(plan::Row&)> change) {
  return [change = std::move(change)](plan::Row& row) {
    change(row);
    return true;
  };
}

}  // namespace

Result<Step> make_step(const ParserStage& stage) {
  switch (stage.format) {
    case ParserStage::Format::kJson: {
      if (stage.expressions.empty()) return always(plan::parse_json);
      LIVEDATA_TRY(plan::JsonExpressions expressions,
                   plan::JsonExpressions::make(stage.expressions));
      return always(
          [expressions = std::move(expressions)](plan::Row& row) { expressions.parse(row); });
    }
    case ParserStage::Format::kLogfmt: {
      const plan::LogfmtOptions options{.strict = stage.strict, .keep_empty = stage.keep_empty};
      if (stage.expressions.empty())
        return always([options](plan::Row& row) { plan::parse_logfmt(options, row); });
      return always([expressions = stage.expressions, options](plan::Row& row) {
        plan::parse_logfmt(expressions, options, row);
      });
    }
    case ParserStage::Format::kRegexp: {
      LIVEDATA_TRY(plan::RegexParser parser, plan::RegexParser::make(stage.text));
      return always([parser = std::move(parser)](plan::Row& row) { parser.parse(row); });
    }
    case ParserStage::Format::kPattern: {
      LIVEDATA_TRY(plan::LinePattern pattern, plan::LinePattern::for_parser(stage.text));
      return always(
          [pattern = std::move(pattern)](plan::Row& row) { plan::parse_pattern(pattern, row); });
    }
    case ParserStage::Format::kUnpack:
      return always(plan::unpack);
  }
  return fail(ErrorCode::kInternal, "unknown parser");
}

Result<Step> make_step(const LineFormat& stage, const StepContext& context) {
  LIVEDATA_TRY(Template compiled, Template::parse(stage.text));
  return always([compiled = std::move(compiled), now = context.now](plan::Row& row) {
    std::string out;
    if (const auto done = compiled.run(template_data(row, now), out); !done) {
      row.set_error(kTemplateError, done.error().message);
    } else {
      row.set_line(out);
    }
  });
}

Result<Step> make_step(const LabelFormat& stage, const StepContext& context) {
  std::vector<CompiledAssignment> assignments;
  for (const LabelFormat::Assignment& assignment : stage.assignments) {
    CompiledAssignment& compiled = assignments.emplace_back();
    compiled.name = assignment.name;
    if (assignment.renames) {
      compiled.renamed_from = assignment.source;
    } else {
      LIVEDATA_TRY(compiled.value, Template::parse(assignment.source));
    }
  }
  return always([assignments = std::move(assignments), now = context.now](plan::Row& row) {
    for (const CompiledAssignment& assignment : assignments) assign(assignment, row, now);
  });
}

Step make_step(const Decolorize& /*stage*/) {
  return always([](plan::Row& row) {
    if (row.line().find('\x1B') != std::string_view::npos)
      row.set_line(plan::without_ansi_sequences(row.line()));
  });
}

Step make_step(const DropKeep& stage) {
  return always([stage](plan::Row& row) {
    if (stage.keep) {
      keep_labels(stage, row);
    } else {
      drop_labels(stage, row);
    }
  });
}

}  // namespace livedata::query::logql
