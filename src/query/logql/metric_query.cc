#include "query/logql/metric_query.h"

#include <algorithm>
#include <cmath>

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

Result<MetricValue> evaluate_binary(const BinaryOperation& operation,
                                    const MetricContext& context) {
  LIVEDATA_TRY(MetricValue left, evaluate(*operation.left, context));
  LIVEDATA_TRY(MetricValue right, evaluate(*operation.right, context));
  const double* left_scalar = std::get_if<double>(&left);
  const double* right_scalar = std::get_if<double>(&right);
  const bool is_set = operation.op == BinaryOperator::kAnd || operation.op == BinaryOperator::kOr ||
                      operation.op == BinaryOperator::kUnless;
  if (is_set) {
    if (left_scalar != nullptr || right_scalar != nullptr) {
      return fail(ErrorCode::kInvalidArgument,
                  "and, or and unless take series on both sides, not numbers");
    }
    const char kind = operation.op == BinaryOperator::kAnd  ? '&'
                      : operation.op == BinaryOperator::kOr ? '|'
                                                            : '-';
    return plan::set_operation(std::get<plan::StepVector>(std::move(left)),
                               std::get<plan::StepVector>(std::move(right)), kind);
  }
  if (left_scalar != nullptr && right_scalar != nullptr) {
    if (!is_comparison(operation.op)) return arithmetic(operation.op, *left_scalar, *right_scalar);
    return holds(operation.op, *left_scalar, *right_scalar) ? 1.0 : 0.0;
  }
  const plan::Combine combine = combine_with(operation, left_scalar != nullptr);
  if (left_scalar != nullptr)
    return plan::combine_scalar(std::get<plan::StepVector>(std::move(right)), *left_scalar, true,
                                combine);
  if (right_scalar != nullptr)
    return plan::combine_scalar(std::get<plan::StepVector>(std::move(left)), *right_scalar, false,
                                combine);
  return plan::combine_matching(std::get<plan::StepVector>(left), std::get<plan::StepVector>(right),
                                combine);
}

/// Whether adding up samples by group first gives what a sum of the series would give.
bool is_additive(const RangeAggregation& aggregation) {
  switch (aggregation.operation) {
    case RangeOperation::kCountOverTime:
    case RangeOperation::kRate:
    case RangeOperation::kBytesOverTime:
    case RangeOperation::kBytesRate:
    case RangeOperation::kSumOverTime:
      return !aggregation.grouping;
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

/// Orders an instant answer by value; a range answer keeps its order, as in Loki.
plan::StepVector sorted(plan::StepVector vector, bool falling, const MetricContext& context) {
  if (context.grid.count > 1) return vector;
  std::stable_sort(vector.begin(), vector.end(),
                   [falling](const plan::StepSeries& a, const plan::StepSeries& b) {
                     return falling ? a.values[0] > b.values[0] : a.values[0] < b.values[0];
                   });
  return vector;
}

Result<MetricValue> evaluate_vector_aggregation(const VectorAggregation& aggregation,
                                                const MetricContext& context) {
  const Grouping& grouping = aggregation.grouping;
  const auto* range = std::get_if<RangeAggregation>(&aggregation.operand->node);
  if (aggregation.operation == VectorOperation::kSum && range != nullptr && is_additive(*range)) {
    return run_range_aggregation(*range, &grouping, context);
  }
  LIVEDATA_TRY(MetricValue operand, evaluate(*aggregation.operand, context));
  if (std::holds_alternative<double>(operand)) {
    return fail(ErrorCode::kInvalidArgument, "an aggregation takes series, not a number");
  }
  auto vector = std::get<plan::StepVector>(std::move(operand));
  switch (aggregation.operation) {
    case VectorOperation::kTopk:
    case VectorOperation::kBottomk: {
      const bool largest = aggregation.operation == VectorOperation::kTopk;
      return sorted(plan::keep_extremes(std::move(vector), aggregation.k, largest, grouping.names,
                                        grouping.without, context.grid.count),
                    largest, context);
    }
    case VectorOperation::kSort:
      return sorted(std::move(vector), false, context);
    case VectorOperation::kSortDesc:
      return sorted(std::move(vector), true, context);
    default:
      return plan::aggregate(vector, function_of(aggregation.operation), grouping.names,
                             grouping.without, context.grid.count);
  }
}

}  // namespace

Result<MetricValue> evaluate(const MetricExpression& expression, const MetricContext& context) {
  if (const auto* number = std::get_if<NumberLiteral>(&expression.node)) return number->value;
  if (const auto* vector = std::get_if<VectorLiteral>(&expression.node)) {
    plan::StepSeries series(Labels(), context.grid.count);
    for (std::size_t i = 0; i < context.grid.count; ++i) series.set(i, vector->value);
    return plan::StepVector{std::move(series)};
  }
  if (const auto* range = std::get_if<RangeAggregation>(&expression.node)) {
    LIVEDATA_TRY(auto vector, run_range_aggregation(*range, nullptr, context));
    return vector;
  }
  if (const auto* aggregation = std::get_if<VectorAggregation>(&expression.node)) {
    return evaluate_vector_aggregation(*aggregation, context);
  }
  return evaluate_binary(std::get<BinaryOperation>(expression.node), context);
}

}  // namespace livedata::query::logql
