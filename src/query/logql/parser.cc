// Recursive descent over the token list. Binary operators by precedence climbing with PromQL's
// levels (names.h).
#include "query/logql/parser.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "query/logql/lexer.h"
#include "query/logql/names.h"
#include "query/logql/stage_parser.h"
#include "query/logql/token_cursor.h"

namespace livedata::query::logql {
namespace {

constexpr std::size_t kMaxQueryBytes = 128 * 1024;
constexpr double kMaxK = 1e6;  // of topk

using Unwraps = RangeOperationTraits::Unwraps;

Result<Expression> parse_expression(TokenCursor& cursor, int min_level);

Expression metric(auto node) {
  return std::make_shared<const MetricExpression>(MetricExpression{std::move(node)});
}

bool is_scalar(const MetricExpression& expression) {
  if (std::holds_alternative<NumberLiteral>(expression.node)) return true;
  const auto* binary = std::get_if<BinaryOperation>(&expression.node);
  return binary != nullptr && is_scalar(*binary->left) && is_scalar(*binary->right);
}

Result<MetricPointer> parse_metric(TokenCursor& cursor) {
  const Token at = cursor.peek();
  LIVEDATA_TRY(Expression operand, parse_expression(cursor, 0));
  if (auto* pointer = std::get_if<MetricPointer>(&operand)) return std::move(*pointer);
  return parse_error(at,
                     "syntax error: a metric query is expected here, such as "
                     "count_over_time({app=\"web\"}[5m])");
}

/// A number with an optional sign.
Result<double> parse_signed_number(TokenCursor& cursor, std::string_view what) {
  const bool negative = cursor.take("-");
  if (!negative) cursor.take("+");
  if (cursor.peek().kind != TokenKind::kNumber) return cursor.unexpected(what);
  const double value = cursor.next().number;
  return negative ? -value : value;
}

/// Prometheus' form, which is stricter than the literals elsewhere: whole numbers, units from y to
/// ms, each once and falling.
bool is_range_text(std::string_view text) {
  constexpr std::array<std::string_view, 7> kUnits = {"y", "w", "d", "h", "m", "s", "ms"};
  std::size_t next_unit = 0;
  while (!text.empty()) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) return false;
    text.remove_prefix(digits);
    const std::string_view unit = text.substr(0, text.find_first_of("0123456789"));
    const auto* const found = std::find(kUnits.begin() + next_unit, kUnits.end(), unit);
    if (found == kUnits.end()) return false;
    next_unit = static_cast<std::size_t>(found - kUnits.begin()) + 1;
    text.remove_prefix(unit.size());
  }
  return true;
}

/// `[5m] offset 1h`
Result<void> parse_range(TokenCursor& cursor, RangeAggregation& aggregation) {
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("["));
  const Token& range = cursor.peek();
  if (range.kind != TokenKind::kDuration || range.ns <= 0 || !is_range_text(range.text))
    return cursor.unexpected("a duration such as 5m");
  aggregation.range_ns = cursor.next().ns;
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("]"));
  if (!cursor.take_word("offset")) return {};
  const bool negative = cursor.take("-");
  if (cursor.peek().kind != TokenKind::kDuration) return cursor.unexpected("a duration such as 5m");
  aggregation.offset_ns = cursor.next().ns * (negative ? -1 : 1);
  return {};
}

/// A log query with a range, which may stand behind the selector or at the end, and be in
/// parentheses with or without it.
Result<void> parse_log_range(TokenCursor& cursor, RangeAggregation& aggregation) {
  const TokenCursor::Nesting nesting(cursor);
  LIVEDATA_RETURN_IF_ERROR(nesting.check());
  if (cursor.take("(")) {
    LIVEDATA_RETURN_IF_ERROR(parse_log_range(cursor, aggregation));
    LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  } else {
    if (!cursor.at("{")) return cursor.unexpected("a stream selector such as {app=\"web\"}");
    LIVEDATA_TRY(aggregation.log.selector, parse_selector(cursor));
    if (cursor.at("[")) LIVEDATA_RETURN_IF_ERROR(parse_range(cursor, aggregation));
    LIVEDATA_RETURN_IF_ERROR(parse_stages(cursor, aggregation.log, &aggregation.unwrap));
  }
  if (aggregation.range_ns == 0 && cursor.at("["))
    LIVEDATA_RETURN_IF_ERROR(parse_range(cursor, aggregation));
  return {};
}

bool at_grouping(const TokenCursor& cursor) {
  return cursor.at_word("by") || cursor.at_word("without");
}

Result<Grouping> parse_grouping(TokenCursor& cursor) {
  Grouping grouping;
  grouping.without = lower(cursor.next().text) == "without";
  LIVEDATA_TRY(grouping.names, cursor.expect_names());
  return grouping;
}

/// The number or label that stands before the log query.
Result<void> parse_range_parameter(TokenCursor& cursor, RangeAggregation& aggregation) {
  if (aggregation.operation == RangeOperation::kQuantileOverTime) {
    LIVEDATA_TRY(aggregation.quantile, parse_signed_number(cursor, "a quantile such as 0.99"));
    return cursor.expect(",");
  }
  if (aggregation.operation == RangeOperation::kCountDistinctOverTime) {
    LIVEDATA_TRY(aggregation.distinct_label, cursor.expect_name("a label name"));
    return cursor.expect(",");
  }
  return {};
}

Result<void> check_range_aggregation(const Token& at, const RangeOperationTraits& traits,
                                     const RangeAggregation& aggregation) {
  const auto invalid = [&](std::string_view why) {
    return parse_error(at, fmt::format("invalid aggregation {} {} unwrap", traits.name, why));
  };
  if (traits.unwraps == Unwraps::kMust && !aggregation.unwrap) return invalid("without");
  if (traits.unwraps == Unwraps::kNever && aggregation.unwrap) return invalid("with");
  const auto& stages = aggregation.log.stages;
  if (std::any_of(stages.begin(), stages.end(),
                  [](const Stage& stage) { return std::holds_alternative<Distinct>(stage); })) {
    return parse_error(at,
                       "distinct is a stage of log queries; to count values write "
                       "count_distinct_over_time(label, {...}[5m])");
  }
  return {};
}

Result<Expression> parse_range_aggregation(TokenCursor& cursor,
                                           const RangeOperationTraits& traits) {
  const Token at = cursor.next();
  RangeAggregation aggregation;
  aggregation.operation = traits.operation;
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("("));
  LIVEDATA_RETURN_IF_ERROR(parse_range_parameter(cursor, aggregation));
  LIVEDATA_RETURN_IF_ERROR(parse_log_range(cursor, aggregation));
  if (aggregation.range_ns == 0) return cursor.unexpected("'[' and a range such as [5m]");
  LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  if (at_grouping(cursor)) {
    if (!traits.may_group) {
      return parse_error(cursor.peek(),
                         fmt::format("grouping not allowed for {} aggregation", traits.name));
    }
    LIVEDATA_TRY(aggregation.grouping, parse_grouping(cursor));
  }
  LIVEDATA_RETURN_IF_ERROR(check_range_aggregation(at, traits, aggregation));
  return metric(std::move(aggregation));
}

/// topk's k. A number where none belongs is told apart from a query that begins with one.
Result<void> parse_k(TokenCursor& cursor, const VectorOperationName& operation,
                     VectorAggregation& aggregation) {
  const Token at = cursor.peek();
  const std::size_t sign = cursor.at("-") || cursor.at("+") ? 1 : 0;
  const bool has_number =
      cursor.peek(sign).kind == TokenKind::kNumber && is_symbol(cursor.peek(sign + 1), ",");
  if (!operation.takes_number) {
    if (!has_number) return {};
    return parse_error(at, fmt::format("unsupported parameter for operation {}({},", operation.name,
                                       cursor.peek(sign).text));
  }
  if (!has_number)
    return parse_error(at, fmt::format("parameter required for operation {}", operation.name));
  LIVEDATA_TRY(const double k, parse_signed_number(cursor, "a number"));
  if (k < 1 || k > kMaxK || k != std::floor(k)) {
    return parse_error(at, fmt::format("invalid parameter (must be a whole number greater than 0) "
                                       "{}({},",
                                       operation.name, k));
  }
  aggregation.k = static_cast<std::size_t>(k);
  return cursor.expect(",");
}

Result<Expression> parse_vector_aggregation(TokenCursor& cursor,
                                            const VectorOperationName& operation) {
  cursor.next();
  VectorAggregation aggregation;
  aggregation.operation = operation.operation;
  if (at_grouping(cursor)) {
    LIVEDATA_TRY(aggregation.grouping, parse_grouping(cursor));
  }
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("("));
  LIVEDATA_RETURN_IF_ERROR(parse_k(cursor, operation, aggregation));
  LIVEDATA_TRY(aggregation.operand, parse_metric(cursor));
  LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  const Token at = cursor.peek();
  if (!aggregation.grouping && at_grouping(cursor)) {
    LIVEDATA_TRY(aggregation.grouping, parse_grouping(cursor));
  }
  const bool sorts = operation.operation == VectorOperation::kSort ||
                     operation.operation == VectorOperation::kSortDesc;
  if (sorts && aggregation.grouping)
    return parse_error(at, fmt::format("grouping not allowed for {}", operation.name));
  return metric(std::move(aggregation));
}

Result<Expression> parse_vector_literal(TokenCursor& cursor) {
  cursor.next();
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("("));
  LIVEDATA_TRY(const double value, parse_signed_number(cursor, "a number"));
  LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  return metric(VectorLiteral{value});
}

Result<Expression> parse_label_replace(TokenCursor& cursor) {
  cursor.next();
  LabelReplace replace;
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("("));
  LIVEDATA_TRY(replace.operand, parse_metric(cursor));
  const Token at_target = cursor.peek(1);
  for (std::string* text :
       {&replace.target, &replace.replacement, &replace.source, &replace.regex}) {
    LIVEDATA_RETURN_IF_ERROR(cursor.expect(","));
    const Token at = cursor.peek();
    LIVEDATA_TRY(*text, cursor.expect_string());
    if (text != &replace.regex) continue;
    if (const auto regex = LabelMatcher::make("src", MatchOp::kRegex, *text); !regex) {
      return parse_error(at,
                         fmt::format("invalid regex in label_replace: {}", regex.error().message));
    }
  }
  LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  if (!is_label_name(replace.target)) {
    return parse_error(at_target, fmt::format("invalid destination label name in label_replace: {}",
                                              replace.target));
  }
  return metric(std::move(replace));
}

Result<Expression> parse_function(TokenCursor& cursor) {
  const std::string name = lower(cursor.peek().text);
  for (const RangeOperationTraits& range : kRangeOperations) {
    if (range.name == name) return parse_range_aggregation(cursor, range);
  }
  for (const VectorOperationName& vector : kVectorOperations) {
    if (vector.name == name) return parse_vector_aggregation(cursor, vector);
  }
  if (name == "vector") return parse_vector_literal(cursor);
  if (name == "label_replace") return parse_label_replace(cursor);
  return cursor.unexpected("a stream selector such as {app=\"web\"}, a function or a number");
}

Result<Expression> parse_operand(TokenCursor& cursor) {
  const bool has_sign = cursor.at("-") || cursor.at("+");
  if (cursor.peek(has_sign ? 1 : 0).kind == TokenKind::kNumber) {
    LIVEDATA_TRY(const double value, parse_signed_number(cursor, "a number"));
    return metric(NumberLiteral{value});
  }
  if (cursor.take("(")) {
    LIVEDATA_TRY(Expression inner, parse_expression(cursor, 0));
    LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
    return inner;
  }
  if (cursor.at("{")) {
    LIVEDATA_TRY(LogExpression log, parse_log(cursor));
    return Expression(std::move(log));
  }
  if (cursor.peek().kind == TokenKind::kIdentifier) return parse_function(cursor);
  return cursor.unexpected("a stream selector such as {app=\"web\"}, a function or a number");
}

/// `on (a) group_left (b)` and its like.
Result<std::optional<VectorMatching>> parse_matching(TokenCursor& cursor) {
  if (!cursor.at_word("on") && !cursor.at_word("ignoring")) return std::optional<VectorMatching>();
  VectorMatching matching;
  matching.on = lower(cursor.next().text) == "on";
  LIVEDATA_TRY(matching.names, cursor.expect_names());
  if (cursor.at_word("group_left") || cursor.at_word("group_right")) {
    matching.many = lower(cursor.next().text) == "group_left" ? VectorMatching::Many::kLeft
                                                              : VectorMatching::Many::kRight;
    if (cursor.at("(")) {
      LIVEDATA_TRY(matching.include, cursor.expect_names());
    }
  }
  return std::optional(std::move(matching));
}

const BinaryOperatorName* peek_operator(const TokenCursor& cursor) {
  const Token& token = cursor.peek();
  if (token.kind != TokenKind::kSymbol && token.kind != TokenKind::kIdentifier) return nullptr;
  const std::string text = lower(token.text);
  const auto* const found =
      std::find_if(kBinaryOperators.begin(), kBinaryOperators.end(),
                   [&](const BinaryOperatorName& o) { return o.text == text; });
  return found == kBinaryOperators.end() ? nullptr : found;
}

Result<void> check_binary(const Token& at, std::string_view name, const BinaryOperation& binary) {
  const bool is_set = binary.op == BinaryOperator::kAnd || binary.op == BinaryOperator::kOr ||
                      binary.op == BinaryOperator::kUnless;
  if (!is_set) return {};
  for (const auto& [side, operand] :
       {std::pair("left", &binary.left), std::pair("right", &binary.right)}) {
    if (is_scalar(**operand)) {
      return parse_error(at, fmt::format("unexpected literal for {} side of logical/set binary "
                                         "operation ({})",
                                         side, name));
    }
  }
  if (binary.matching && binary.matching->many != VectorMatching::Many::kNone)
    return parse_error(at, fmt::format("no grouping allowed for {} operation", name));
  return {};
}

Result<Expression> parse_binary(TokenCursor& cursor, Expression left,
                                const BinaryOperatorName& op) {
  const Token at = cursor.next();
  BinaryOperation binary;
  binary.op = op.op;
  binary.returns_bool = cursor.take_word("bool");
  LIVEDATA_TRY(binary.matching, parse_matching(cursor));
  LIVEDATA_TRY(Expression right,
               parse_expression(cursor, op.level == kPowerLevel ? op.level : op.level + 1));
  auto* left_metric = std::get_if<MetricPointer>(&left);
  auto* right_metric = std::get_if<MetricPointer>(&right);
  if (left_metric == nullptr || right_metric == nullptr) {
    return parse_error(at, fmt::format("unexpected type for {} leg of binary operation ({}): it "
                                       "takes metric queries and numbers, not log queries",
                                       left_metric == nullptr ? "left" : "right", op.text));
  }
  binary.left = std::move(*left_metric);
  binary.right = std::move(*right_metric);
  LIVEDATA_RETURN_IF_ERROR(check_binary(at, op.text, binary));
  return metric(std::move(binary));
}

Result<Expression> parse_expression(TokenCursor& cursor, int min_level) {
  const TokenCursor::Nesting nesting(cursor);
  LIVEDATA_RETURN_IF_ERROR(nesting.check());
  LIVEDATA_TRY(Expression left, parse_operand(cursor));
  for (;;) {
    const BinaryOperatorName* op = peek_operator(cursor);
    if (op == nullptr || op->level < min_level) return left;
    LIVEDATA_TRY(left, parse_binary(cursor, std::move(left), *op));
  }
}

Result<TokenCursor> cursor_over(std::string_view query) {
  if (query.size() > kMaxQueryBytes) {
    return fail(ErrorCode::kInvalidArgument, "input size too long ({} > {})", query.size(),
                kMaxQueryBytes);
  }
  LIVEDATA_TRY(std::vector<Token> tokens, tokenize(query));
  return TokenCursor(std::move(tokens));
}

}  // namespace

Result<Expression> parse(std::string_view query) {
  LIVEDATA_TRY(TokenCursor cursor, cursor_over(query));
  LIVEDATA_TRY(Expression expression, parse_expression(cursor, 0));
  if (!cursor.at_end()) return cursor.unexpected("the end of the query");
  return expression;
}

Result<std::vector<LabelMatcher>> parse_selector_text(std::string_view text) {
  LIVEDATA_TRY(TokenCursor cursor, cursor_over(text));
  LIVEDATA_TRY(auto selector, parse_selector(cursor));
  if (!cursor.at_end()) return cursor.unexpected("the end of the selector");
  return selector;
}

}  // namespace livedata::query::logql
