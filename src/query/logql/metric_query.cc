#include "query/logql/metric_query.h"

#include <algorithm>
#include <cmath>

#include <re2/re2.h>

#include "query/plan/vector_aggregation.h"
#include "query/plan/vector_matching.h"

namespace livedata::query::logql {
namespace {

bool is_comparison(BinaryOperator op) {
  return op >= BinaryOperator::kEqual && op <= BinaryOperator::kLessOrEqual;
}

double arithmetic(BinaryOperator op, double a, double b) {
  switch (op) {
    case BinaryOperator::kAdd:
      return a + b;
    case BinaryOperator::kSubtract:
      return a - b;
    case BinaryOperator::kMultiply:
      return a * b;
    case BinaryOperator::kDivide:
      return b == 0 ? std::nan("") : a / b;
    case BinaryOperator::kModulo:
      return b == 0 ? std::nan("") : std::fmod(a, b);
    default:
      return std::pow(a, b);
  }
}

bool holds(BinaryOperator op, double a, double b) {
  switch (op) {
    case BinaryOperator::kEqual:
      return a == b;
    case BinaryOperator::kNotEqual:
      return a != b;
    case BinaryOperator::kGreater:
      return a > b;
    case BinaryOperator::kGreaterOrEqual:
      return a >= b;
    case BinaryOperator::kLess:
      return a < b;
    default:
      return a <= b;
  }
}

/// A comparison keeps the left value where it holds, or gives 0 and 1 with `bool`. Against a scalar
/// on the left, the vector's value is the one kept.
plan::Combine combine_with(const BinaryOperation& operation, bool keep_right) {
  const BinaryOperator op = operation.op;
  if (!is_comparison(op)) {
    return [op](double a, double b, double& out) {
      out = arithmetic(op, a, b);
      return true;
    };
  }
  return [op, keep_right, returns_bool = operation.returns_bool](double a, double b, double& out) {
    const bool result = holds(op, a, b);
    out = returns_bool ? (result ? 1 : 0) : (keep_right ? b : a);
    return returns_bool || result;
  };
}

plan::Matching matching_of(const BinaryOperation& operation) {
  plan::Matching matching;
  if (!operation.matching) return matching;
  matching.keeps_labels = false;
  matching.on = operation.matching->on;
  matching.names = operation.matching->names;
  matching.include = operation.matching->include;
  switch (operation.matching->many) {
    case VectorMatching::Many::kNone:
      break;
    case VectorMatching::Many::kLeft:
      matching.card = plan::Matching::Card::kManyToOne;
      break;
    case VectorMatching::Many::kRight:
      matching.card = plan::Matching::Card::kOneToMany;
      break;
  }
  return matching;
}

std::optional<plan::SetOperation> set_operation_of(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kAnd:
      return plan::SetOperation::kAnd;
    case BinaryOperator::kOr:
      return plan::SetOperation::kOr;
    case BinaryOperator::kUnless:
      return plan::SetOperation::kUnless;
    default:
      return std::nullopt;
  }
}

Result<MetricValue> evaluate_binary(const BinaryOperation& operation,
                                    const MetricContext& context) {
  LIVEDATA_TRY(MetricValue left, evaluate(*operation.left, context));
  LIVEDATA_TRY(MetricValue right, evaluate(*operation.right, context));
  const double* left_scalar = std::get_if<double>(&left);
  const double* right_scalar = std::get_if<double>(&right);
  if (left_scalar != nullptr && right_scalar != nullptr) {
    if (!is_comparison(operation.op)) return arithmetic(operation.op, *left_scalar, *right_scalar);
    return holds(operation.op, *left_scalar, *right_scalar) ? 1.0 : 0.0;
  }
  const plan::Combine combine = combine_with(operation, left_scalar != nullptr);
  auto* left_vector = std::get_if<plan::StepVector>(&left);
  auto* right_vector = std::get_if<plan::StepVector>(&right);
  if (left_vector == nullptr)
    return plan::combine_scalar(std::move(*right_vector), *left_scalar, true, combine);
  if (right_vector == nullptr)
    return plan::combine_scalar(std::move(*left_vector), *right_scalar, false, combine);
  if (const auto set = set_operation_of(operation.op)) {
    return plan::set_operation(std::move(*left_vector), std::move(*right_vector), *set,
                               matching_of(operation));
  }
  LIVEDATA_TRY(auto combined, plan::combine_matching(*left_vector, *right_vector,
                                                     matching_of(operation), combine));
  plan::merge_equal(combined);
  return combined;
}

/// Whether adding up samples by group first gives what a sum of the series would give.
bool is_additive(const RangeAggregation& aggregation) {
  switch (aggregation.operation) {
    case RangeOperation::kCountOverTime:
    case RangeOperation::kRate:
    case RangeOperation::kBytesOverTime:
    case RangeOperation::kBytesRate:
    case RangeOperation::kSumOverTime:
      return true;
    default:
      return false;
  }
}

plan::VectorFunction function_of(VectorOperation operation) {
  switch (operation) {
    case VectorOperation::kAvg:
      return plan::VectorFunction::kAvg;
    case VectorOperation::kMin:
      return plan::VectorFunction::kMin;
    case VectorOperation::kMax:
      return plan::VectorFunction::kMax;
    case VectorOperation::kCount:
      return plan::VectorFunction::kCount;
    case VectorOperation::kStddev:
      return plan::VectorFunction::kStddev;
    case VectorOperation::kStdvar:
      return plan::VectorFunction::kStdvar;
    default:
      return plan::VectorFunction::kSum;
  }
}

/// Orders an instant answer by value, NaN last; a range answer keeps its order, as in Loki.
plan::StepVector sorted(plan::StepVector vector, bool falling, const MetricContext& context) {
  if (context.grid.count > 1) return vector;
  std::stable_sort(vector.begin(), vector.end(),
                   [falling](const plan::StepSeries& a, const plan::StepSeries& b) {
                     const double x = a.value(0);
                     const double y = b.value(0);
                     if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
                     return falling ? x > y : x < y;
                   });
  return vector;
}

Result<MetricValue> evaluate_vector_aggregation(const VectorAggregation& aggregation,
                                                const MetricContext& context) {
  const Grouping grouping = aggregation.grouping.value_or(Grouping());
  const auto* range = std::get_if<RangeAggregation>(&aggregation.operand->node);
  if (aggregation.operation == VectorOperation::kSum && range != nullptr && is_additive(*range)) {
    LIVEDATA_TRY(auto vector, run_range_aggregation(*range, &grouping, context));
    return vector;
  }
  LIVEDATA_TRY(MetricValue operand, evaluate(*aggregation.operand, context));
  auto* vector = std::get_if<plan::StepVector>(&operand);
  if (vector == nullptr)
    return fail(ErrorCode::kInvalidArgument, "an aggregation takes series, not a number");
  switch (aggregation.operation) {
    case VectorOperation::kTopk:
    case VectorOperation::kApproxTopk:
    case VectorOperation::kBottomk: {
      const bool largest = aggregation.operation != VectorOperation::kBottomk;
      return sorted(plan::keep_extremes(std::move(*vector), aggregation.k, largest, grouping.names,
                                        grouping.without),
                    largest, context);
    }
    case VectorOperation::kSort:
      return sorted(std::move(*vector), false, context);
    case VectorOperation::kSortDesc:
      return sorted(std::move(*vector), true, context);
    default:
      return plan::aggregate(*vector, function_of(aggregation.operation), grouping.names,
                             grouping.without);
  }
}

/// Go's $1, ${1} and ${name} as RE2 rewrites them: \\1.
Result<std::string> rewrite_of(const re2::RE2& regex, std::string_view replacement) {
  std::string out;
  while (!replacement.empty()) {
    const char c = replacement.front();
    replacement.remove_prefix(1);
    if (c == '\\') out += '\\';
    if (c != '$') {
      out += c;
      continue;
    }
    if (replacement.starts_with('$')) {
      out += '$';
      replacement.remove_prefix(1);
      continue;
    }
    const bool braces = replacement.starts_with('{');
    if (braces) replacement.remove_prefix(1);
    const auto is_word = [](char x) {
      return std::isalnum(static_cast<unsigned char>(x)) != 0 || x == '_';
    };
    const auto end = std::find_if_not(replacement.begin(), replacement.end(), is_word);
    const std::string name(replacement.begin(), end);
    replacement.remove_prefix(name.size());
    if (braces && replacement.starts_with('}')) replacement.remove_prefix(1);
    const auto named = regex.NamedCapturingGroups().find(name);
    const bool is_digit = name.size() == 1 && name[0] >= '0' && name[0] <= '9';
    const int group = is_digit                                      ? name[0] - '0'
                      : named != regex.NamedCapturingGroups().end() ? named->second
                                                                    : -1;
    // A group that is not there is the empty text.
    if (group >= 0 && group <= regex.NumberOfCapturingGroups() && group <= 9)
      out += fmt::format("\\{}", group);
  }
  return out;
}

Result<MetricValue> evaluate_label_replace(const LabelReplace& replace,
                                           const MetricContext& context) {
  LIVEDATA_TRY(MetricValue operand, evaluate(*replace.operand, context));
  auto* vector = std::get_if<plan::StepVector>(&operand);
  if (vector == nullptr)
    return fail(ErrorCode::kInvalidArgument, "label_replace takes series, not a number");
  const re2::RE2 regex("^(?:" + replace.regex + ")$", re2::RE2::Quiet);
  LIVEDATA_TRY(const std::string rewrite, rewrite_of(regex, replace.replacement));
  for (plan::StepSeries& series : *vector) {
    std::string value(series.labels.get(replace.source));
    if (!re2::RE2::Replace(&value, regex, rewrite)) continue;
    series.labels.set(replace.target, value);
  }
  plan::merge_equal(*vector);
  return operand;
}

}  // namespace

bool is_sorted(const MetricExpression& expression) {
  if (const auto* vector = std::get_if<VectorAggregation>(&expression.node)) {
    return vector->operation == VectorOperation::kSort ||
           vector->operation == VectorOperation::kSortDesc || is_sorted(*vector->operand);
  }
  if (const auto* binary = std::get_if<BinaryOperation>(&expression.node))
    return is_sorted(*binary->left) || is_sorted(*binary->right);
  const auto* replace = std::get_if<LabelReplace>(&expression.node);
  return replace != nullptr && is_sorted(*replace->operand);
}

Result<MetricValue> evaluate(const MetricExpression& expression, const MetricContext& context) {
  if (const auto* number = std::get_if<NumberLiteral>(&expression.node)) return number->value;
  if (const auto* vector = std::get_if<VectorLiteral>(&expression.node)) {
    plan::StepSeries series;
    for (std::size_t i = 0; i < context.grid.count; ++i) series.set(i, vector->value);
    return plan::StepVector{std::move(series)};
  }
  if (const auto* range = std::get_if<RangeAggregation>(&expression.node)) {
    LIVEDATA_TRY(auto vector, run_range_aggregation(*range, nullptr, context));
    return vector;
  }
  if (const auto* aggregation = std::get_if<VectorAggregation>(&expression.node))
    return evaluate_vector_aggregation(*aggregation, context);
  if (const auto* replace = std::get_if<LabelReplace>(&expression.node))
    return evaluate_label_replace(*replace, context);
  return evaluate_binary(std::get<BinaryOperation>(expression.node), context);
}

}  // namespace livedata::query::logql
