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

struct LogExpression;

enum class LineOp { kContains, kContainsNot, kMatches, kMatchesNot, kPattern, kPatternNot };

/// |= != |~ !~ |> !> with one or more alternatives ("or"). A negative one wants none of them.
struct LineFilter {
  struct Alternative {
    std::string text;
    bool is_ip = false;  ///< ip("..."), with |= and != only
  };
  LineOp op = LineOp::kContains;
  std::vector<Alternative> alternatives;
};

/// json, logfmt, regexp, pattern and unpack.
struct ParserStage {
  enum class Format { kJson, kLogfmt, kRegexp, kPattern, kUnpack };
  Format format = Format::kJson;
  bool strict = false;                                                ///< logfmt
  bool keep_empty = false;                                            ///< logfmt
  std::string text;                                                   ///< regexp, pattern
  std::vector<std::pair<std::string, std::string>> expressions = {};  ///< new name, path or key
};

enum class Comparison { kEqual, kNotEqual, kGreater, kGreaterOrEqual, kLess, kLessOrEqual };

/// A label filter: a condition on one label, or two filters with `and` or `or`.
struct LabelFilter {
  enum class Kind { kString, kNumber, kDuration, kBytes, kIp, kIn, kAnd, kOr };
  Kind kind = Kind::kString;
  std::optional<LabelMatcher> matcher;  ///< kString
  std::string name;                     ///< all but kAnd and kOr
  Comparison comparison = Comparison::kEqual;
  double value = 0;                            ///< number, nanoseconds or bytes
  std::string text;                            ///< kIp
  std::shared_ptr<const LogExpression> inner;  ///< kIn: name in ({...} | ...)
  std::shared_ptr<const LabelFilter> left;     ///< kAnd, kOr
  std::shared_ptr<const LabelFilter> right;
};

/// | line_format "template"
struct LineFormat {
  std::string text;
};

/// | label_format to=from, to="template"
struct LabelFormat {
  struct Assignment {
    std::string name;
    bool renames = false;
    std::string source;  ///< a label, or a template
  };
  std::vector<Assignment> assignments;
};

/// | decolorize
struct Decolorize {};

/// | drop a, b="x" and | keep a, b=~"x".
struct DropKeep {
  bool keep = false;
  std::vector<std::pair<std::string, std::optional<LabelMatcher>>> labels;
};

/// | distinct a, b: of the lines with the same values the first one stays.
struct Distinct {
  std::vector<std::string> names;
};

using Stage = std::variant<LineFilter, ParserStage, LabelFilter, LineFormat, LabelFormat,
                           Decolorize, DropKeep, Distinct>;

inline bool has_template(const Stage& stage) {
  return std::holds_alternative<LineFormat>(stage) || std::holds_alternative<LabelFormat>(stage);
}

struct LogExpression {
  std::vector<LabelMatcher> selector;
  std::vector<Stage> stages;
};

/// | unwrap name, unwrap duration(name), ..., with label filters behind it.
struct Unwrap {
  enum class Conversion { kNumber, kDuration, kDurationSeconds, kBytes };
  Conversion conversion = Conversion::kNumber;
  std::string name;
  std::vector<LabelFilter> filters = {};
};

struct Grouping {
  bool without = false;
  std::vector<std::string> names = {};
};

enum class RangeOperation {
  kCountOverTime,
  kRate,
  kBytesOverTime,
  kBytesRate,
  kRateCounter,
  kSumOverTime,
  kAvgOverTime,
  kMinOverTime,
  kMaxOverTime,
  kFirstOverTime,
  kLastOverTime,
  kStddevOverTime,
  kStdvarOverTime,
  kQuantileOverTime,
  kAbsentOverTime,
  kCountDistinctOverTime,
};

struct RangeAggregation {
  RangeOperation operation = RangeOperation::kCountOverTime;
  double quantile = 0;         ///< quantile_over_time
  std::string distinct_label;  ///< count_distinct_over_time
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
  kApproxTopk,
  kSort,
  kSortDesc
};

struct MetricExpression;
using MetricPointer = std::shared_ptr<const MetricExpression>;

struct VectorAggregation {
  VectorOperation operation = VectorOperation::kSum;
  std::size_t k = 0;  ///< topk, bottomk, approx_topk
  std::optional<Grouping> grouping;
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

/// Which series of the two sides of a binary operation belong together.
struct VectorMatching {
  bool on = false;  ///< names are those to compare, else those to leave out
  std::vector<std::string> names = {};
  enum class Many { kNone, kLeft, kRight };
  Many many = Many::kNone;                ///< group_left: many on the left
  std::vector<std::string> include = {};  ///< labels to take from the one side
};

struct BinaryOperation {
  BinaryOperator op = BinaryOperator::kAdd;
  bool returns_bool = false;
  std::optional<VectorMatching> matching;  ///< none written: all labels
  MetricPointer left;
  MetricPointer right;
};

struct NumberLiteral {
  double value = 0;
};
struct VectorLiteral {
  double value = 0;
};  ///< vector(2)

/// label_replace(operand, "target", "replacement", "source", "regex")
struct LabelReplace {
  MetricPointer operand;
  std::string target;
  std::string replacement;
  std::string source;
  std::string regex;
};

struct MetricExpression {
  std::variant<RangeAggregation, VectorAggregation, BinaryOperation, NumberLiteral, VectorLiteral,
               LabelReplace>
      node;
};

using Expression = std::variant<LogExpression, MetricPointer>;

}  // namespace livedata::query::logql
