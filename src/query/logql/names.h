#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "query/logql/ast.h"

namespace livedata::query::logql {

/// What parser and printer must agree on: the words of the language and what they allow.
struct RangeOperationTraits {
  RangeOperation operation;
  std::string_view name;
  enum class Unwraps { kNever, kMay, kMust } unwraps;
  bool may_group;
};
inline constexpr std::array kRangeOperations = {
    RangeOperationTraits{RangeOperation::kCountOverTime, "count_over_time",
                         RangeOperationTraits::Unwraps::kNever, false},
    RangeOperationTraits{RangeOperation::kRate, "rate", RangeOperationTraits::Unwraps::kMay, false},
    RangeOperationTraits{RangeOperation::kBytesOverTime, "bytes_over_time",
                         RangeOperationTraits::Unwraps::kNever, false},
    RangeOperationTraits{RangeOperation::kBytesRate, "bytes_rate",
                         RangeOperationTraits::Unwraps::kNever, false},
    RangeOperationTraits{RangeOperation::kRateCounter, "rate_counter",
                         RangeOperationTraits::Unwraps::kMust, false},
    RangeOperationTraits{RangeOperation::kSumOverTime, "sum_over_time",
                         RangeOperationTraits::Unwraps::kMust, false},
    RangeOperationTraits{RangeOperation::kAvgOverTime, "avg_over_time",
                         RangeOperationTraits::Unwraps::kMust, true},
    RangeOperationTraits{RangeOperation::kMinOverTime, "min_over_time",
                         RangeOperationTraits::Unwraps::kMust, true},
    RangeOperationTraits{RangeOperation::kMaxOverTime, "max_over_time",
                         RangeOperationTraits::Unwraps::kMust, true},
    RangeOperationTraits{RangeOperation::kFirstOverTime, "first_over_time",
                         RangeOperationTraits::Unwraps::kMust, true},
    RangeOperationTraits{RangeOperation::kLastOverTime, "last_over_time",
                         RangeOperationTraits::Unwraps::kMust, true},
    RangeOperationTraits{RangeOperation::kStddevOverTime, "stddev_over_time",
                         RangeOperationTraits::Unwraps::kMust, true},
    RangeOperationTraits{RangeOperation::kStdvarOverTime, "stdvar_over_time",
                         RangeOperationTraits::Unwraps::kMust, true},
    RangeOperationTraits{RangeOperation::kQuantileOverTime, "quantile_over_time",
                         RangeOperationTraits::Unwraps::kMust, true},
    RangeOperationTraits{RangeOperation::kAbsentOverTime, "absent_over_time",
                         RangeOperationTraits::Unwraps::kMay, false},
    RangeOperationTraits{RangeOperation::kCountDistinctOverTime, "count_distinct_over_time",
                         RangeOperationTraits::Unwraps::kNever, true},
};

struct VectorOperationName {
  VectorOperation operation;
  std::string_view name;
  bool takes_number;  ///< topk(3, ...)
};
inline constexpr std::array kVectorOperations = {
    VectorOperationName{VectorOperation::kSum, "sum", false},
    VectorOperationName{VectorOperation::kAvg, "avg", false},
    VectorOperationName{VectorOperation::kMin, "min", false},
    VectorOperationName{VectorOperation::kMax, "max", false},
    VectorOperationName{VectorOperation::kCount, "count", false},
    VectorOperationName{VectorOperation::kStddev, "stddev", false},
    VectorOperationName{VectorOperation::kStdvar, "stdvar", false},
    VectorOperationName{VectorOperation::kTopk, "topk", true},
    VectorOperationName{VectorOperation::kBottomk, "bottomk", true},
    VectorOperationName{VectorOperation::kApproxTopk, "approx_topk", true},
    VectorOperationName{VectorOperation::kSort, "sort", false},
    VectorOperationName{VectorOperation::kSortDesc, "sort_desc", false},
};

struct BinaryOperatorName {
  BinaryOperator op;
  std::string_view text;
  int level;  ///< of precedence, PromQL's: a higher one binds more
};
inline constexpr int kPowerLevel = 6;  ///< the only one that binds to the right
inline constexpr std::array kBinaryOperators = {
    BinaryOperatorName{BinaryOperator::kOr, "or", 1},
    BinaryOperatorName{BinaryOperator::kAnd, "and", 2},
    BinaryOperatorName{BinaryOperator::kUnless, "unless", 2},
    BinaryOperatorName{BinaryOperator::kEqual, "==", 3},
    BinaryOperatorName{BinaryOperator::kNotEqual, "!=", 3},
    BinaryOperatorName{BinaryOperator::kGreater, ">", 3},
    BinaryOperatorName{BinaryOperator::kGreaterOrEqual, ">=", 3},
    BinaryOperatorName{BinaryOperator::kLess, "<", 3},
    BinaryOperatorName{BinaryOperator::kLessOrEqual, "<=", 3},
    BinaryOperatorName{BinaryOperator::kAdd, "+", 4},
    BinaryOperatorName{BinaryOperator::kSubtract, "-", 4},
    BinaryOperatorName{BinaryOperator::kMultiply, "*", 5},
    BinaryOperatorName{BinaryOperator::kDivide, "/", 5},
    BinaryOperatorName{BinaryOperator::kModulo, "%", 5},
    BinaryOperatorName{BinaryOperator::kPower, "^", kPowerLevel},
};

struct ComparisonName {
  Comparison comparison;
  std::string_view text;
};
inline constexpr std::array kComparisons = {
    ComparisonName{Comparison::kEqual, "="},           ComparisonName{Comparison::kEqual, "=="},
    ComparisonName{Comparison::kNotEqual, "!="},       ComparisonName{Comparison::kGreater, ">"},
    ComparisonName{Comparison::kGreaterOrEqual, ">="}, ComparisonName{Comparison::kLess, "<"},
    ComparisonName{Comparison::kLessOrEqual, "<="},
};

struct LineOpName {
  LineOp op;
  std::string_view text;
};
inline constexpr std::array kLineOps = {
    LineOpName{LineOp::kContains, "|="}, LineOpName{LineOp::kContainsNot, "!="},
    LineOpName{LineOp::kMatches, "|~"},  LineOpName{LineOp::kMatchesNot, "!~"},
    LineOpName{LineOp::kPattern, "|>"},  LineOpName{LineOp::kPatternNot, "!>"},
};

struct ParserName {
  ParserStage::Format format;
  std::string_view name;
};
inline constexpr std::array kParsers = {
    ParserName{ParserStage::Format::kJson, "json"},
    ParserName{ParserStage::Format::kLogfmt, "logfmt"},
    ParserName{ParserStage::Format::kRegexp, "regexp"},
    ParserName{ParserStage::Format::kPattern, "pattern"},
    ParserName{ParserStage::Format::kUnpack, "unpack"},
};

struct ConversionName {
  Unwrap::Conversion conversion;
  std::string_view name;
};
inline constexpr std::array kConversions = {
    ConversionName{Unwrap::Conversion::kDuration, "duration"},
    ConversionName{Unwrap::Conversion::kDurationSeconds, "duration_seconds"},
    ConversionName{Unwrap::Conversion::kBytes, "bytes"},
};

}  // namespace livedata::query::logql
