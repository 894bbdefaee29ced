#include "query/logql/printer.h"

#include <algorithm>
#include <cmath>

#include "base/time_format.h"
#include "query/logql/names.h"
#include "query/plan/units.h"

namespace livedata::query::logql {
namespace {

constexpr std::size_t kMaxLine = 100;

template <class Table, class Value>
const auto& entry_of(const Table& table, Value Table::value_type::* member, Value value) {
  return *std::find_if(table.begin(), table.end(),
                       [&](const auto& entry) { return entry.*member == value; });
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string print_matcher(const LabelMatcher& matcher) {
  return fmt::format("{}{}{}", matcher.name(), symbol(matcher.op()), quoted(matcher.value()));
}

std::string print_selector(const std::vector<LabelMatcher>& selector) {
  std::string out;
  for (const LabelMatcher& matcher : selector)
    out += (out.empty() ? "" : ", ") + print_matcher(matcher);
  return "{" + out + "}";
}

std::string print_grouping(const Grouping& grouping) {
  return fmt::format("{} ({})", grouping.without ? "without" : "by", joined(grouping.names));
}

std::string print_filter(const LabelFilter& filter) {
  const auto with = [&](const std::string& value) {
    return fmt::format(
        "{} {} {}", filter.name,
        filter.comparison == Comparison::kEqual
            ? "="
            : entry_of(kComparisons, &ComparisonName::comparison, filter.comparison).text,
        value);
  };
  switch (filter.kind) {
    case LabelFilter::Kind::kString:
      return filter.matcher ? print_matcher(*filter.matcher) : std::string();
    case LabelFilter::Kind::kNumber:
      return with(plan::format_value(filter.value));
    case LabelFilter::Kind::kDuration:
      return with(format_duration(std::llround(filter.value)));
    case LabelFilter::Kind::kBytes:
      return with(fmt::format("{:.0f}B", filter.value));
    case LabelFilter::Kind::kIp:
      return with("ip(" + quoted(filter.text) + ")");
    case LabelFilter::Kind::kIn:
      return fmt::format("{} in ({})", filter.name, print(*filter.inner));
    case LabelFilter::Kind::kAnd:
      return fmt::format("({} and {})", print_filter(*filter.left), print_filter(*filter.right));
    case LabelFilter::Kind::kOr:
      return fmt::format("({} or {})", print_filter(*filter.left), print_filter(*filter.right));
  }
  return {};
}

struct StagePrinter {
  std::string operator()(const LineFilter& filter) const {
    std::string out(entry_of(kLineOps, &LineOpName::op, filter.op).text);
    for (std::size_t i = 0; i < filter.alternatives.size(); ++i) {
      const LineFilter::Alternative& alternative = filter.alternatives[i];
      out += i == 0 ? " " : " or ";
      out += alternative.is_ip ? "ip(" + quoted(alternative.text) + ")" : quoted(alternative.text);
    }
    return out;
  }
  std::string operator()(const ParserStage& stage) const {
    std::string out =
        fmt::format("| {}", entry_of(kParsers, &ParserName::format, stage.format).name);
    if (stage.strict) out += " --strict";
    if (stage.keep_empty) out += " --keep-empty";
    if (stage.format == ParserStage::Format::kRegexp ||
        stage.format == ParserStage::Format::kPattern)
      out += " " + quoted(stage.text);
    for (std::size_t i = 0; i < stage.expressions.size(); ++i) {
      const auto& [name, path] = stage.expressions[i];
      out += fmt::format("{} {}={}", i == 0 ? "" : ",", name, quoted(path));
    }
    return out;
  }
  std::string operator()(const LabelFilter& filter) const { return "| " + print_filter(filter); }
  std::string operator()(const LineFormat& stage) const {
    return "| line_format " + quoted(stage.text);
  }
  std::string operator()(const LabelFormat& stage) const {
    std::string out = "| label_format";
    for (const LabelFormat::Assignment& assignment : stage.assignments) {
      out += fmt::format("{} {}={}", &assignment == stage.assignments.data() ? "" : ",",
                         assignment.name,
                         assignment.renames ? assignment.source : quoted(assignment.source));
    }
    return out;
  }
  std::string operator()(const Decolorize& /*unused*/) const { return "| decolorize"; }
  std::string operator()(const DropKeep& stage) const {
    std::string out = stage.keep ? "| keep" : "| drop";
    for (std::size_t i = 0; i < stage.labels.size(); ++i) {
      const auto& [name, matcher] = stage.labels[i];
      out += fmt::format("{} {}", i == 0 ? "" : ",", matcher ? print_matcher(*matcher) : name);
    }
    return out;
  }
  std::string operator()(const Distinct& stage) const {
    return "| distinct " + joined(stage.names);
  }
};

std::vector<std::string> print_unwrap(const Unwrap& unwrap) {
  std::vector<std::string> parts;
  parts.push_back(
      unwrap.conversion == Unwrap::Conversion::kNumber
          ? "| unwrap " + unwrap.name
          : fmt::format("| unwrap {}({})",
                        entry_of(kConversions, &ConversionName::conversion, unwrap.conversion).name,
                        unwrap.name));
  for (const LabelFilter& filter : unwrap.filters) parts.push_back("| " + print_filter(filter));
  return parts;
}

/// Selector, stages, unwrap: each a part that can stand on a line of its own.
std::vector<std::string> log_parts(const LogExpression& log, const std::optional<Unwrap>& unwrap) {
  std::vector<std::string> parts{print_selector(log.selector)};
  for (const Stage& stage : log.stages) parts.push_back(print(stage));
  if (unwrap) {
    for (std::string& part : print_unwrap(*unwrap)) parts.push_back(std::move(part));
  }
  return parts;
}

std::string print_range(const RangeAggregation& aggregation) {
  std::string out = fmt::format("[{}]", format_duration(aggregation.range_ns));
  if (aggregation.offset_ns != 0) out += " offset " + format_duration(aggregation.offset_ns);
  return out;
}

std::string range_parameter(const RangeAggregation& aggregation) {
  if (aggregation.operation == RangeOperation::kQuantileOverTime)
    return plan::format_value(aggregation.quantile) + ", ";
  if (aggregation.operation == RangeOperation::kCountDistinctOverTime)
    return aggregation.distinct_label + ", ";
  return {};
}

/// What stands between the operands of a binary operation.
std::string print_operator(const BinaryOperation& operation) {
  std::string out(entry_of(kBinaryOperators, &BinaryOperatorName::op, operation.op).text);
  if (operation.returns_bool) out += " bool";
  if (!operation.matching) return out;
  const VectorMatching& matching = *operation.matching;
  out += fmt::format(" {} ({})", matching.on ? "on" : "ignoring", joined(matching.names));
  if (matching.many != VectorMatching::Many::kNone) {
    out += fmt::format(" {} ({})",
                       matching.many == VectorMatching::Many::kLeft ? "group_left" : "group_right",
                       joined(matching.include));
  }
  return out;
}

std::string_view operation_name(const RangeAggregation& aggregation) {
  return entry_of(kRangeOperations, &RangeOperationTraits::operation, aggregation.operation).name;
}

/// `sum by (a) ` and the number of topk.
std::pair<std::string, std::string> vector_head(const VectorAggregation& aggregation) {
  const VectorOperationName& operation =
      entry_of(kVectorOperations, &VectorOperationName::operation, aggregation.operation);
  std::string head(operation.name);
  if (aggregation.grouping) head += " " + print_grouping(*aggregation.grouping) + " ";
  return {std::move(head),
          operation.takes_number ? fmt::format("{}, ", aggregation.k) : std::string()};
}

std::string replace_arguments(const LabelReplace& replace) {
  return fmt::format(", {}, {}, {}, {}", quoted(replace.target), quoted(replace.replacement),
                     quoted(replace.source), quoted(replace.regex));
}

struct MetricPrinter {
  std::string operator()(const RangeAggregation& aggregation) const {
    std::string out =
        fmt::format("{}({}", operation_name(aggregation), range_parameter(aggregation));
    const auto parts = log_parts(aggregation.log, aggregation.unwrap);
    for (const std::string& part : parts) out += (&part == parts.data() ? "" : " ") + part;
    out += " " + print_range(aggregation) + ")";
    if (aggregation.grouping) out += " " + print_grouping(*aggregation.grouping);
    return out;
  }
  std::string operator()(const VectorAggregation& aggregation) const {
    const auto [head, number] = vector_head(aggregation);
    return fmt::format("{}({}{})", head, number, print(*aggregation.operand));
  }
  std::string operator()(const BinaryOperation& operation) const {
    return fmt::format("({} {} {})", print(*operation.left), print_operator(operation),
                       print(*operation.right));
  }
  std::string operator()(const NumberLiteral& literal) const {
    return plan::format_value(literal.value);
  }
  std::string operator()(const VectorLiteral& literal) const {
    return fmt::format("vector({})", plan::format_value(literal.value));
  }
  std::string operator()(const LabelReplace& replace) const {
    return fmt::format("label_replace({}{})", print(*replace.operand), replace_arguments(replace));
  }
};

class Layout {
 public:
  std::string take() { return std::move(out_); }

  void add(const LogExpression& log, int depth) {
    add_parts(log_parts(log, std::nullopt), {}, print(log), depth);
  }

  void add(const MetricExpression& metric, int depth) {
    const std::string whole = print(metric);
    if (whole.size() + indent(depth).size() <= kMaxLine) {
      line(depth, whole);
      return;
    }
    if (const auto* range = std::get_if<RangeAggregation>(&metric.node)) {
      line(depth, std::string(operation_name(*range)) + "(");
      if (const std::string parameter = range_parameter(*range); !parameter.empty())
        line(depth + 1, parameter.substr(0, parameter.size() - 1));
      add_parts(log_parts(range->log, range->unwrap), print_range(*range), {}, depth + 1);
      line(depth, ")" + (range->grouping ? " " + print_grouping(*range->grouping) : ""));
    } else if (const auto* vector = std::get_if<VectorAggregation>(&metric.node)) {
      const auto [head, number] = vector_head(*vector);
      line(depth, head + "(" + number.substr(0, number.empty() ? 0 : number.size() - 1));
      add(*vector->operand, depth + 1);
      line(depth, ")");
    } else if (const auto* binary = std::get_if<BinaryOperation>(&metric.node)) {
      line(depth, "(");
      add(*binary->left, depth + 1);
      line(depth, print_operator(*binary));
      add(*binary->right, depth + 1);
      line(depth, ")");
    } else if (const auto* replace = std::get_if<LabelReplace>(&metric.node)) {
      line(depth, "label_replace(");
      add(*replace->operand, depth + 1);
      line(depth, replace_arguments(*replace).substr(2).insert(0, ", ") + ")");
    } else {
      line(depth, whole);
    }
  }

 private:
  static std::string indent(int depth) {
    return std::string(static_cast<std::size_t>(depth) * 2, ' ');
  }

  void line(int depth, std::string_view text) {
    if (!out_.empty()) out_ += '\n';
    out_ += indent(depth);
    out_ += text;
  }

  void add_parts(const std::vector<std::string>& parts, const std::string& end,
                 const std::string& whole, int depth) {
    if (!whole.empty() && whole.size() + indent(depth).size() <= kMaxLine) {
      line(depth, whole);
      return;
    }
    for (const std::string& part : parts) line(&part == parts.data() ? depth : depth + 1, part);
    if (!end.empty()) out_ += " " + end;
  }

  std::string out_;
};

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string print(const Stage& stage) { return std::visit(StagePrinter(), stage); }

std::string print(const LogExpression& expression) {
  std::string out;
  for (const std::string& part : log_parts(expression, std::nullopt))
    out += (out.empty() ? "" : " ") + part;
  return out;
}

std::string print(const MetricExpression& expression) {
  return std::visit(MetricPrinter(), expression.node);
}

std::string print(const Expression& expression) {
  if (const auto* log = std::get_if<LogExpression>(&expression)) return print(*log);
  return print(*std::get<MetricPointer>(expression));
}

std::string format_query(const Expression& expression) {
  Layout layout;
  if (const auto* log = std::get_if<LogExpression>(&expression)) {
    layout.add(*log, 0);
  } else {
    layout.add(*std::get<MetricPointer>(expression), 0);
  }
  return layout.take();
}

}  // namespace livedata::query::logql
