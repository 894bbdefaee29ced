// Recursive descent over the token list. Binary operators by precedence climbing, with PromQL's
// levels: or < and, unless < comparisons < + - < * / % < ^ (which alone binds to the right).
#include "query/logql/parser.h"

#include <algorithm>
#include <array>

#include "query/logql/lexer.h"

namespace livedata::query::logql {
namespace {

constexpr std::size_t kMaxQueryBytes = 128 * 1024;
constexpr int kMaxDepth = 200;

struct RangeName {
  std::string_view name;
  RangeOperation operation;
};
constexpr std::array kRangeNames = {RangeName{"count_over_time", RangeOperation::kCountOverTime},
                                    RangeName{"rate", RangeOperation::kRate},
                                    RangeName{"bytes_over_time", RangeOperation::kBytesOverTime},
                                    RangeName{"bytes_rate", RangeOperation::kBytesRate},
                                    RangeName{"sum_over_time", RangeOperation::kSumOverTime},
                                    RangeName{"avg_over_time", RangeOperation::kAvgOverTime},
                                    RangeName{"min_over_time", RangeOperation::kMinOverTime},
                                    RangeName{"max_over_time", RangeOperation::kMaxOverTime},
                                    RangeName{"first_over_time", RangeOperation::kFirstOverTime},
                                    RangeName{"last_over_time", RangeOperation::kLastOverTime}};

struct VectorName {
  std::string_view name;
  VectorOperation operation;
};
constexpr std::array kVectorNames = {VectorName{"sum", VectorOperation::kSum},
                                     VectorName{"avg", VectorOperation::kAvg},
                                     VectorName{"min", VectorOperation::kMin},
                                     VectorName{"max", VectorOperation::kMax},
                                     VectorName{"count", VectorOperation::kCount},
                                     VectorName{"stddev", VectorOperation::kStddev},
                                     VectorName{"stdvar", VectorOperation::kStdvar},
                                     VectorName{"topk", VectorOperation::kTopk},
                                     VectorName{"bottomk", VectorOperation::kBottomk},
                                     VectorName{"sort", VectorOperation::kSort},
                                     VectorName{"sort_desc", VectorOperation::kSortDesc}};

struct OperatorName {
  std::string_view text;
  BinaryOperator op;
  int level;
};
constexpr int kPowerLevel = 6;
constexpr std::array kOperators = {OperatorName{"or", BinaryOperator::kOr, 1},
                                   OperatorName{"and", BinaryOperator::kAnd, 2},
                                   OperatorName{"unless", BinaryOperator::kUnless, 2},
                                   OperatorName{"==", BinaryOperator::kEqual, 3},
                                   OperatorName{"!=", BinaryOperator::kNotEqual, 3},
                                   OperatorName{">", BinaryOperator::kGreater, 3},
                                   OperatorName{">=", BinaryOperator::kGreaterOrEqual, 3},
                                   OperatorName{"<", BinaryOperator::kLess, 3},
                                   OperatorName{"<=", BinaryOperator::kLessOrEqual, 3},
                                   OperatorName{"+", BinaryOperator::kAdd, 4},
                                   OperatorName{"-", BinaryOperator::kSubtract, 4},
                                   OperatorName{"*", BinaryOperator::kMultiply, 5},
                                   OperatorName{"/", BinaryOperator::kDivide, 5},
                                   OperatorName{"%", BinaryOperator::kModulo, 5},
                                   OperatorName{"^", BinaryOperator::kPower, kPowerLevel}};

// Parts of Loki's language that are refused by name rather than as a syntax error.
constexpr std::array<std::string_view, 8> kLaterStages = {
    "regexp", "pattern", "unpack", "line_format", "label_format", "decolorize", "distinct", "ip"};
constexpr std::array<std::string_view, 8> kLaterFunctions = {
    "absent_over_time", "quantile_over_time", "stddev_over_time", "stdvar_over_time",
    "rate_counter",     "label_replace",      "approx_topk",      "count_values"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool needs_unwrap(RangeOperation operation) {
  return operation != RangeOperation::kCountOverTime && operation != RangeOperation::kRate &&
         operation != RangeOperation::kBytesOverTime && operation != RangeOperation::kBytesRate;
}
bool may_unwrap(RangeOperation operation) {
  return needs_unwrap(operation) || operation == RangeOperation::kRate;
}
bool may_group(RangeOperation operation) {
  return needs_unwrap(operation) && operation != RangeOperation::kSumOverTime;
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<Expression> parse_query() {
    LIVEDATA_TRY(Expression expression, parse_expression(0));
    if (peek().kind != TokenKind::kEnd) return unexpected("the end of the query");
    return expression;
  }

  Result<std::vector<LabelMatcher>> parse_only_selector() {
    LIVEDATA_TRY(auto selector, parse_selector());
    if (peek().kind != TokenKind::kEnd) return unexpected("the end of the selector");
    return selector;
  }

 private:
  /// Counts nesting, so that a hostile query can't exhaust the stack.
  class Nesting {
   public:
    explicit Nesting(int& depth) : depth_(depth) { ++depth_; }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    int& depth_;
  };

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  Token next() {
    const Token token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool take(std::string_view symbol) {
    if (!is_symbol(peek(), symbol)) return false;
    next();
    return true;
  }
  [[nodiscard]] bool at_word(std::string_view word) const {
    return peek().kind == TokenKind::kIdentifier && lower(peek().text) == word;
  }
  bool take_word(std::string_view word) {
    if (!at_word(word)) return false;
    next();
    return true;
  }
  [[nodiscard]] tl::unexpected<Error> unexpected(std::string_view expected) const {
    const std::string found =
        peek().kind == TokenKind::kEnd ? "end of the query" : fmt::format("'{}'", peek().text);
    return parse_error(peek(),
                       fmt::format("syntax error: unexpected {}, expecting {}", found, expected));
  }
  Result<void> expect(std::string_view symbol) {
    if (!take(symbol)) return unexpected(fmt::format("'{}'", symbol));
    return {};
  }
  Result<std::string> expect_name(std::string_view what) {
    if (peek().kind != TokenKind::kIdentifier) return unexpected(what);
    return next().text;
  }
  Result<std::string> expect_string() {
    if (peek().kind != TokenKind::kString) return unexpected("a string in quotes");
    return next().text;
  }

  Result<Expression> parse_expression(int min_level) {
    const Nesting nesting(depth_);
    if (depth_ > kMaxDepth)
      return parse_error(peek(),
                         fmt::format("the query is nested deeper than {} levels", kMaxDepth));
    LIVEDATA_TRY(Expression left, parse_unary());
    for (;;) {
      const OperatorName* op = peek_operator();
      if (op == nullptr || op->level < min_level) return left;
      const Token at = next();
      BinaryOperation binary;
      binary.op = op->op;
      binary.returns_bool = take_word("bool");
      if (at_word("on") || at_word("ignoring"))
        return parse_error(peek(), "vector matching with on, ignoring is not supported");
      LIVEDATA_TRY(Expression right,
                   parse_expression(op->level == kPowerLevel ? op->level : op->level + 1));
      if (!std::holds_alternative<MetricPointer>(left) ||
          !std::holds_alternative<MetricPointer>(right)) {
        return parse_error(
            at,
            fmt::format("operator {} takes metric queries and numbers, not log queries", at.text));
      }
      binary.left = std::get<MetricPointer>(left);
      binary.right = std::get<MetricPointer>(right);
      left = std::make_shared<const MetricExpression>(MetricExpression{std::move(binary)});
    }
  }

  [[nodiscard]] const OperatorName* peek_operator() const {
    if (peek().kind != TokenKind::kSymbol && peek().kind != TokenKind::kIdentifier) return nullptr;
    const std::string text = lower(peek().text);
    const auto found = std::find_if(kOperators.begin(), kOperators.end(),
                                    [&](const OperatorName& o) { return o.text == text; });
    return found == kOperators.end() ? nullptr : &*found;
  }

  Result<Expression> parse_unary() {
    if (peek().kind == TokenKind::kNumber) return number(next().number);
    if (is_symbol(peek(), "-") && peek(1).kind == TokenKind::kNumber) {
      next();
      return number(-next().number);
    }
    if (is_symbol(peek(), "+") && peek(1).kind == TokenKind::kNumber) {
      next();
      return number(next().number);
    }
    if (take("(")) {
      LIVEDATA_TRY(Expression inner, parse_expression(0));
      LIVEDATA_RETURN_IF_ERROR(expect(")"));
      return inner;
    }
    if (is_symbol(peek(), "{")) {
      LIVEDATA_TRY(LogExpression log, parse_log());
      return Expression(std::move(log));
    }
    if (peek().kind == TokenKind::kIdentifier) return parse_function();
    return unexpected("a stream selector such as {app=\"web\"}, a function or a number");
  }

  static Expression number(double value) {
    return std::make_shared<const MetricExpression>(MetricExpression{NumberLiteral{value}});
  }

  Result<Expression> parse_function() {
    const std::string name = lower(peek().text);
    const auto later = std::find(kLaterFunctions.begin(), kLaterFunctions.end(), name);
    if (later != kLaterFunctions.end())
      return parse_error(peek(), fmt::format("the function {} is not supported", name));
    for (const RangeName& range : kRangeNames) {
      if (range.name == name) return parse_range_aggregation(range.operation);
    }
    for (const VectorName& vector : kVectorNames) {
      if (vector.name == name) return parse_vector_aggregation(vector.operation);
    }
    if (name == "vector") return parse_vector_literal();
    return unexpected("a stream selector such as {app=\"web\"}, a function or a number");
  }

  Result<Expression> parse_vector_literal() {
    next();
    LIVEDATA_RETURN_IF_ERROR(expect("("));
    const bool negative = take("-");
    if (peek().kind != TokenKind::kNumber) return unexpected("a number");
    const double value = next().number;
    LIVEDATA_RETURN_IF_ERROR(expect(")"));
    return Expression(std::make_shared<const MetricExpression>(
        MetricExpression{VectorLiteral{negative ? -value : value}}));
  }

  Result<std::vector<LabelMatcher>> parse_selector() {
    const Token at = peek();
    LIVEDATA_RETURN_IF_ERROR(expect("{"));
    std::vector<LabelMatcher> matchers;
    while (!take("}")) {
      if (!matchers.empty()) LIVEDATA_RETURN_IF_ERROR(expect(","));
      if (!matchers.empty() && take("}")) break;
      LIVEDATA_TRY(const std::string name, expect_name("a label name or '}'"));
      LIVEDATA_TRY(LabelMatcher matcher, parse_matcher(name));
      matchers.push_back(std::move(matcher));
    }
    if (std::all_of(matchers.begin(), matchers.end(),
                    [](const LabelMatcher& m) { return m.matches(std::string_view()); })) {
      return parse_error(
          at,
          "queries require at least one regexp or equality matcher that does not have an "
          "empty-compatible value; "
          "for instance, app=~\".*\" does not meet this requirement, but app=~\".+\" does");
    }
    return matchers;
  }

  Result<LabelMatcher> parse_matcher(const std::string& name) {
    const Token at = peek();
    MatchOp op = MatchOp::kEqual;
    if (take("=")) {
      op = MatchOp::kEqual;
    } else if (take("!=")) {
      op = MatchOp::kNotEqual;
    } else if (take("=~")) {
      op = MatchOp::kRegex;
    } else if (take("!~")) {
      op = MatchOp::kNotRegex;
    } else {
      return unexpected("one of = != =~ !~");
    }
    LIVEDATA_TRY(std::string value, expect_string());
    auto matcher = LabelMatcher::make(name, op, std::move(value));
    if (!matcher) return parse_error(at, matcher.error().message);
    return matcher;
  }

  Result<LogExpression> parse_log() {
    LogExpression log;
    LIVEDATA_TRY(log.selector, parse_selector());
    LIVEDATA_RETURN_IF_ERROR(parse_stages(log, nullptr));
    return log;
  }

  /// Stages up to something that is none; `unwrap` takes a | unwrap where it is allowed.
  Result<void> parse_stages(LogExpression& log, std::optional<Unwrap>* unwrap) {
    for (;;) {
      if (const auto op = peek_line_filter()) {
        LIVEDATA_TRY(LineFilter filter, parse_line_filter(*op));
        log.stages.emplace_back(std::move(filter));
      } else if (is_symbol(peek(), "|>") || is_symbol(peek(), "!>")) {
        return parse_error(peek(), "pattern filters (|> and !>) are not supported");
      } else if (take("|")) {
        if (at_word("unwrap")) {
          if (unwrap == nullptr)
            return parse_error(peek(), "unwrap is allowed only inside of a range aggregation");
          LIVEDATA_TRY(*unwrap, parse_unwrap());
        } else {
          LIVEDATA_TRY(Stage stage, parse_stage());
          log.stages.push_back(std::move(stage));
        }
      } else {
        return {};
      }
    }
  }

  [[nodiscard]] std::optional<MatchOp> peek_line_filter() const {
    if (is_symbol(peek(), "|=")) return MatchOp::kEqual;
    if (is_symbol(peek(), "|~")) return MatchOp::kRegex;
    // Behind a metric query != compares; behind a selector a string must follow.
    if (is_symbol(peek(), "!=")) return MatchOp::kNotEqual;
    if (is_symbol(peek(), "!~")) return MatchOp::kNotRegex;
    return std::nullopt;
  }

  Result<LineFilter> parse_line_filter(MatchOp op) {
    next();
    LineFilter filter;
    filter.op = op;
    do {
      if (at_word("ip")) return parse_error(peek(), "ip() is not supported");
      const Token at = peek();
      LIVEDATA_TRY(std::string text, expect_string());
      if (op == MatchOp::kRegex || op == MatchOp::kNotRegex) {
        if (auto checked = LabelMatcher::make("line", MatchOp::kRegex, text); !checked)
          return parse_error(at, checked.error().message);
      }
      filter.alternatives.push_back(std::move(text));
    } while (take_word("or"));
    return filter;
  }

  Result<Stage> parse_stage() {
    if (peek().kind == TokenKind::kIdentifier) {
      const std::string word = lower(peek().text);
      // A label may be called like a stage; then a comparison follows.
      const bool is_filter = peek(1).kind == TokenKind::kSymbol &&
                             std::string_view("= == != =~ !~ > >= < <=").find(peek(1).text) !=
                                 std::string_view::npos &&
                             peek(1).text != "!";
      if (!is_filter && (word == "json" || word == "logfmt")) return parse_parser(word);
      if (!is_filter && (word == "drop" || word == "keep")) return parse_drop_keep(word == "keep");
      if (!is_filter &&
          std::find(kLaterStages.begin(), kLaterStages.end(), word) != kLaterStages.end()) {
        return parse_error(peek(), fmt::format("the stage {} is not supported", word));
      }
    }
    LIVEDATA_TRY(auto filter, parse_label_filter());
    return Stage(*filter);
  }

  Result<Stage> parse_parser(std::string_view word) {
    next();
    ParserStage stage;
    stage.format = word == "json" ? ParserStage::Format::kJson : ParserStage::Format::kLogfmt;
    while (peek().kind == TokenKind::kFlag) {
      const Token flag = next();
      if (word != "logfmt" || (flag.text != "strict" && flag.text != "keep-empty")) {
        return parse_error(flag, fmt::format("{} has no flag --{}", word, flag.text));
      }
      (flag.text == "strict" ? stage.strict : stage.keep_empty) = true;
    }
    while (peek().kind == TokenKind::kIdentifier) {
      std::string name = next().text;
      std::string path = name;
      if (take("=")) {
        LIVEDATA_TRY(path, expect_string());
      }
      stage.expressions.emplace_back(std::move(name), std::move(path));
      if (!take(",")) break;
    }
    return Stage(std::move(stage));
  }

  Result<Stage> parse_drop_keep(bool keep) {
    next();
    DropKeep stage;
    stage.keep = keep;
    do {
      LIVEDATA_TRY(std::string name, expect_name("a label name"));
      std::optional<LabelMatcher> matcher;
      if (is_symbol(peek(), "=") || is_symbol(peek(), "!=") || is_symbol(peek(), "=~") ||
          is_symbol(peek(), "!~")) {
        LIVEDATA_TRY(matcher, parse_matcher(name));
      }
      stage.labels.emplace_back(std::move(name), std::move(matcher));
    } while (take(","));
    return Stage(std::move(stage));
  }

  using FilterPointer = std::shared_ptr<const LabelFilter>;

  /// `or` binds less than `and`; a comma, and nothing at all between two filters, mean `and`.
  Result<FilterPointer> parse_label_filter() {
    const Nesting nesting(depth_);
    if (depth_ > kMaxDepth)
      return parse_error(peek(),
                         fmt::format("the query is nested deeper than {} levels", kMaxDepth));
    LIVEDATA_TRY(FilterPointer left, parse_and_filter());
    while (take_word("or")) {
      LIVEDATA_TRY(const FilterPointer right, parse_and_filter());
      left = combine(LabelFilter::Kind::kOr, left, right);
    }
    return left;
  }

  Result<FilterPointer> parse_and_filter() {
    LIVEDATA_TRY(FilterPointer left, parse_filter_unit());
    for (;;) {
      const bool word = at_word("and");
      const bool adjacent = peek().kind == TokenKind::kIdentifier && !at_word("or") &&
                            peek(1).kind == TokenKind::kSymbol;
      if (!word && !adjacent && !is_symbol(peek(), ",")) return left;
      if (word || is_symbol(peek(), ",")) next();
      LIVEDATA_TRY(const FilterPointer right, parse_filter_unit());
      left = combine(LabelFilter::Kind::kAnd, left, right);
    }
  }

  static FilterPointer combine(LabelFilter::Kind kind, FilterPointer left, FilterPointer right) {
    auto filter = std::make_shared<LabelFilter>();
    filter->kind = kind;
    filter->left = std::move(left);
    filter->right = std::move(right);
    return filter;
  }

  Result<FilterPointer> parse_filter_unit() {
    if (take("(")) {
      LIVEDATA_TRY(FilterPointer inner, parse_label_filter());
      LIVEDATA_RETURN_IF_ERROR(expect(")"));
      return inner;
    }
    LIVEDATA_TRY(const std::string name,
                 expect_name("a stage (json, logfmt, drop, keep) or a label name"));
    if (peek(1).kind == TokenKind::kString) {
      LIVEDATA_TRY(LabelMatcher matcher, parse_matcher(name));
      auto filter = std::make_shared<LabelFilter>();
      filter->matcher = std::move(matcher);
      filter->name = name;
      return FilterPointer(filter);
    }
    return parse_comparison(name);
  }

  Result<FilterPointer> parse_comparison(const std::string& name) {
    auto filter = std::make_shared<LabelFilter>();
    filter->name = name;
    if (take("=") || take("==")) {
      filter->comparison = Comparison::kEqual;
    } else if (take("!=")) {
      filter->comparison = Comparison::kNotEqual;
    } else if (take(">")) {
      filter->comparison = Comparison::kGreater;
    } else if (take(">=")) {
      filter->comparison = Comparison::kGreaterOrEqual;
    } else if (take("<")) {
      filter->comparison = Comparison::kLess;
    } else if (take("<=")) {
      filter->comparison = Comparison::kLessOrEqual;
    } else {
      return unexpected("one of = == != =~ !~ > >= < <=");
    }
    const double sign = take("-") ? -1 : 1;
    const Token value = next();
    switch (value.kind) {
      case TokenKind::kNumber:
        filter->kind = LabelFilter::Kind::kNumber;
        filter->value = sign * value.number;
        break;
      case TokenKind::kDuration:
        filter->kind = LabelFilter::Kind::kDuration;
        filter->value = sign * static_cast<double>(value.ns);
        break;
      case TokenKind::kBytes:
        filter->kind = LabelFilter::Kind::kBytes;
        filter->value = sign * value.number;
        break;
      default:
        return parse_error(
            value, "syntax error: expecting a number, a duration, a size or a string in quotes");
    }
    return FilterPointer(filter);
  }

  Result<std::optional<Unwrap>> parse_unwrap() {
    next();
    Unwrap unwrap;
    LIVEDATA_TRY(unwrap.name, expect_name("a label name"));
    if (is_symbol(peek(), "(")) {
      const std::string conversion = lower(unwrap.name);
      if (conversion == "duration" || conversion == "duration_seconds") {
        unwrap.conversion = Unwrap::Conversion::kDuration;
      } else if (conversion == "bytes") {
        unwrap.conversion = Unwrap::Conversion::kBytes;
      } else {
        return parse_error(
            peek(), fmt::format("unknown conversion {}; use duration, duration_seconds or bytes",
                                unwrap.name));
      }
      next();
      LIVEDATA_TRY(unwrap.name, expect_name("a label name"));
      LIVEDATA_RETURN_IF_ERROR(expect(")"));
    }
    return std::optional(unwrap);
  }

  Result<Expression> parse_range_aggregation(RangeOperation operation) {
    const Token at = next();
    RangeAggregation aggregation;
    aggregation.operation = operation;
    LIVEDATA_RETURN_IF_ERROR(expect("("));
    if (!is_symbol(peek(), "{")) return unexpected("a stream selector such as {app=\"web\"}");
    LIVEDATA_TRY(aggregation.log.selector, parse_selector());
    bool has_range = false;
    if (is_symbol(peek(), "[")) {
      LIVEDATA_RETURN_IF_ERROR(parse_range(aggregation));
      has_range = true;
    }
    LIVEDATA_RETURN_IF_ERROR(parse_stages(aggregation.log, &aggregation.unwrap));
    if (!has_range) LIVEDATA_RETURN_IF_ERROR(parse_range(aggregation));
    LIVEDATA_RETURN_IF_ERROR(expect(")"));
    if (at_word("by") || at_word("without")) {
      if (!may_group(operation))
        return parse_error(peek(), fmt::format("grouping is not allowed for {}", at.text));
      LIVEDATA_TRY(aggregation.grouping, parse_grouping());
    }
    if (needs_unwrap(operation) && !aggregation.unwrap)
      return parse_error(at, fmt::format("invalid aggregation {} without unwrap", at.text));
    if (!may_unwrap(operation) && aggregation.unwrap)
      return parse_error(at, fmt::format("invalid aggregation {} with unwrap", at.text));
    return Expression(
        std::make_shared<const MetricExpression>(MetricExpression{std::move(aggregation)}));
  }

  Result<void> parse_range(RangeAggregation& aggregation) {
    LIVEDATA_RETURN_IF_ERROR(expect("["));
    if (peek().kind != TokenKind::kDuration || peek().ns <= 0)
      return unexpected("a duration such as 5m");
    aggregation.range_ns = next().ns;
    LIVEDATA_RETURN_IF_ERROR(expect("]"));
    if (!take_word("offset")) return {};
    const bool negative = take("-");
    if (peek().kind != TokenKind::kDuration) return unexpected("a duration such as 5m");
    aggregation.offset_ns = next().ns * (negative ? -1 : 1);
    return {};
  }

  Result<std::optional<Grouping>> parse_grouping() {
    Grouping grouping;
    grouping.without = lower(next().text) == "without";
    LIVEDATA_RETURN_IF_ERROR(expect("("));
    while (!take(")")) {
      if (!grouping.names.empty()) LIVEDATA_RETURN_IF_ERROR(expect(","));
      LIVEDATA_TRY(std::string name, expect_name("a label name or ')'"));
      grouping.names.push_back(std::move(name));
    }
    return std::optional(grouping);
  }

  Result<Expression> parse_vector_aggregation(VectorOperation operation) {
    next();
    VectorAggregation aggregation;
    aggregation.operation = operation;
    std::optional<Grouping> grouping;
    if (at_word("by") || at_word("without")) {
      LIVEDATA_TRY(grouping, parse_grouping());
    }
    LIVEDATA_RETURN_IF_ERROR(expect("("));
    if (operation == VectorOperation::kTopk || operation == VectorOperation::kBottomk) {
      if (peek().kind != TokenKind::kNumber || peek().number < 1 || peek().number > 1e6)
        return unexpected("how many series, a number from 1");
      aggregation.k = static_cast<std::size_t>(next().number);
      LIVEDATA_RETURN_IF_ERROR(expect(","));
    }
    const Token at = peek();
    LIVEDATA_TRY(Expression operand, parse_expression(0));
    if (!std::holds_alternative<MetricPointer>(operand)) {
      return parse_error(at,
                         "syntax error: a metric query is expected here, such as "
                         "count_over_time({app=\"web\"}[5m])");
    }
    aggregation.operand = std::get<MetricPointer>(operand);
    LIVEDATA_RETURN_IF_ERROR(expect(")"));
    if (!grouping && (at_word("by") || at_word("without"))) {
      LIVEDATA_TRY(grouping, parse_grouping());
    }
    if (grouping) aggregation.grouping = *std::move(grouping);
    return Expression(
        std::make_shared<const MetricExpression>(MetricExpression{std::move(aggregation)}));
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Result<std::vector<Token>> bounded_tokens(std::string_view query) {
  if (query.size() > kMaxQueryBytes)
    return fail(ErrorCode::kInvalidArgument, "the query is longer than {} bytes", kMaxQueryBytes);
  return tokenize(query);
}

}  // namespace

Result<Expression> parse(std::string_view query) {
  LIVEDATA_TRY(std::vector<Token> tokens, bounded_tokens(query));
  return Parser(std::move(tokens)).parse_query();
}

Result<std::vector<LabelMatcher>> parse_selector_text(std::string_view text) {
  LIVEDATA_TRY(std::vector<Token> tokens, bounded_tokens(text));
  return Parser(std::move(tokens)).parse_only_selector();
}

}  // namespace livedata::query::logql
