#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/label_matcher.h"

namespace livedata::query::logql {

/// |= != |~ !~ with one or more alternatives ("or").
struct LineFilter {
  MatchOp op = MatchOp::kEqual;  ///< kEqual: contains, kNotEqual: contains not, kRegex, kNotRegex
  std::vector<std::string> alternatives;
};

/// | json and | logfmt, with expressions that name what to take.
struct ParserStage {
  enum class Format { kJson, kLogfmt };
  Format format = Format::kJson;
  bool strict = false;
  bool keep_empty = false;
  std::vector<std::pair<std::string, std::string>> expressions;  ///< new name, path or key
};

enum class Comparison { kEqual, kNotEqual, kGreater, kGreaterOrEqual, kLess, kLessOrEqual };

/// A label filter: a condition on one label, or two filters with `and` or `or`.
struct LabelFilter {
  enum class Kind { kString, kNumber, kDuration, kBytes, kAnd, kOr };
  Kind kind = Kind::kString;
  std::optional<LabelMatcher> matcher;  ///< kString
  std::string name;                     ///< kNumber, kDuration, kBytes
  Comparison comparison = Comparison::kEqual;
  double value = 0;                         ///< number, nanoseconds or bytes
  std::shared_ptr<const LabelFilter> left;  ///< kAnd, kOr
  std::shared_ptr<const LabelFilter> right;
};

/// | drop a, b="x" and | keep a, b=~"x".
struct DropKeep {
  bool keep = false;
  std::vector<std::pair<std::string, std::optional<LabelMatcher>>> labels;
};

using Stage = std::variant<LineFilter, ParserStage, LabelFilter, DropKeep>;

struct LogExpression {
  std::vector<LabelMatcher> selector;
  std::vector<Stage> stages;
};

/// | unwrap name, unwrap duration(name), ...
struct Unwrap {
  enum class Conversion { kNumber, kDuration, kBytes };
  Conversion conversion = Conversion::kNumber;
  std::string name;
};

struct Grouping {
  bool without = false;
  std::vector<std::string> names;
};

enum class RangeOperation {
  kCountOverTime,
  kRate,
  kBytesOverTime,
  kBytesRate,
  kSumOverTime,
  kAvgOverTime,
  kMinOverTime,
  kMaxOverTime,
  kFirstOverTime,
  kLastOverTime,
};

struct RangeAggregation {
  RangeOperation operation = RangeOperation::kCountOverTime;
  LogExpression log;
  std::optional<Unwrap> unwrap;
  std::int64_t range_ns = 0;
  std::int64_t offset_ns = 0;
  std::optional<Grouping> grouping;
};

enum class VectorOperation {
  kSum,
  kAvg,
  kMin,
  kMax,
  kCount,
  kStddev,
  kStdvar,
  kTopk,
  kBottomk,
  kSort,
  kSortDesc
};

struct MetricExpression;
using MetricPointer = std::shared_ptr<const MetricExpression>;

struct VectorAggregation {
  VectorOperation operation = VectorOperation::kSum;
  std::size_t k = 0;  ///< topk, bottomk
  Grouping grouping;  ///< by () where none is written
  MetricPointer operand;
};

enum class BinaryOperator {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kPower,
  kEqual,
  kNotEqual,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kAnd,
  kOr,
  kUnless
};

struct BinaryOperation {
  BinaryOperator op = BinaryOperator::kAdd;
  bool returns_bool = false;
  MetricPointer left;
  MetricPointer right;
};

struct NumberLiteral {
  double value = 0;
};
struct VectorLiteral {
  double value = 0;
};  ///< vector(2)

struct MetricExpression {
  std::variant<RangeAggregation, VectorAggregation, BinaryOperation, NumberLiteral, VectorLiteral>
      node;
};

using Expression = std::variant<LogExpression, MetricPointer>;

}  // namespace livedata::query::logql
