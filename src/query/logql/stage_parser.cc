#include "query/logql/stage_parser.h"

#include <algorithm>

#include <re2/re2.h>

#include "query/logql/names.h"
#include "query/plan/ip_range.h"
#include "query/plan/line_parsers.h"
#include "query/plan/row.h"
#include "query/text_template/template.h"

namespace livedata::query::logql {
namespace {

using FilterPointer = std::shared_ptr<const LabelFilter>;

/// A failed check of something that stands at a token.
template <class T>
Result<void> checked(const Token& at, const Result<T>& result) {
  if (!result) return parse_error(at, result.error().message);
  return {};
}

bool at_matcher(const TokenCursor& cursor) {
  return cursor.at("=") || cursor.at("!=") || cursor.at("=~") || cursor.at("!~");
}

Result<LabelMatcher> parse_matcher(TokenCursor& cursor, const std::string& name) {
  const Token at = cursor.peek();
  MatchOp op = MatchOp::kEqual;
  if (cursor.take("=")) {
    op = MatchOp::kEqual;
  } else if (cursor.take("!=")) {
    op = MatchOp::kNotEqual;
  } else if (cursor.take("=~")) {
    op = MatchOp::kRegex;
  } else if (cursor.take("!~")) {
    op = MatchOp::kNotRegex;
  } else {
    return cursor.unexpected("one of = != =~ !~");
  }
  LIVEDATA_TRY(std::string value, cursor.expect_string());
  auto matcher = LabelMatcher::make(name, op, std::move(value));
  LIVEDATA_RETURN_IF_ERROR(checked(at, matcher));
  return matcher;
}

const LineOpName* peek_line_op(const TokenCursor& cursor) {
  const auto* const found = std::find_if(kLineOps.begin(), kLineOps.end(),
                                         [&](const LineOpName& o) { return cursor.at(o.text); });
  return found == kLineOps.end() ? nullptr : found;
}

Result<void> check_alternative(LineOp op, const LineFilter::Alternative& alternative) {
  if (alternative.is_ip) {
    LIVEDATA_RETURN_IF_ERROR(plan::IpRange::make(alternative.text));
  } else if (op == LineOp::kMatches || op == LineOp::kMatchesNot) {
    const re2::RE2 regex(alternative.text, re2::RE2::Quiet);
    if (!regex.ok()) {
      return fail(ErrorCode::kInvalidArgument, "the regex '{}' is wrong: {}", alternative.text,
                  regex.error());
    }
  } else if (op == LineOp::kPattern || op == LineOp::kPatternNot) {
    LIVEDATA_RETURN_IF_ERROR(plan::LinePattern::for_filter(alternative.text));
  }
  return {};
}

Result<LineFilter> parse_line_filter(TokenCursor& cursor, LineOp op) {
  cursor.next();
  LineFilter filter;
  filter.op = op;
  do {
    const Token at = cursor.peek();
    LineFilter::Alternative alternative;
    if (cursor.take_word("ip")) {
      if (op != LineOp::kContains && op != LineOp::kContainsNot)
        return parse_error(at, "ip() is allowed behind |= and != only");
      alternative.is_ip = true;
      LIVEDATA_RETURN_IF_ERROR(cursor.expect("("));
    }
    LIVEDATA_TRY(alternative.text, cursor.expect_string());
    if (alternative.is_ip) LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
    LIVEDATA_RETURN_IF_ERROR(checked(at, check_alternative(op, alternative)));
    filter.alternatives.push_back(std::move(alternative));
  } while (cursor.take_word("or"));
  return filter;
}

Result<void> parse_flags(TokenCursor& cursor, std::string_view word, ParserStage& stage) {
  while (cursor.peek().kind == TokenKind::kFlag) {
    const Token flag = cursor.next();
    if (stage.format != ParserStage::Format::kLogfmt ||
        (flag.text != "strict" && flag.text != "keep-empty")) {
      return parse_error(flag, fmt::format("{} has no flag --{}", word, flag.text));
    }
    (flag.text == "strict" ? stage.strict : stage.keep_empty) = true;
  }
  return {};
}

Result<void> parse_expressions(TokenCursor& cursor, ParserStage& stage) {
  if (cursor.peek().kind != TokenKind::kIdentifier) return {};
  const Token at = cursor.peek();
  do {
    LIVEDATA_TRY(std::string name, cursor.expect_name("a label name"));
    std::string path = name;
    if (cursor.take("=")) {
      LIVEDATA_TRY(path, cursor.expect_string());
    }
    stage.expressions.emplace_back(std::move(name), std::move(path));
  } while (cursor.take(","));
  if (stage.format != ParserStage::Format::kJson) return {};
  return checked(at, plan::JsonExpressions::make(stage.expressions));
}

Result<Stage> parse_parser(TokenCursor& cursor, const ParserName& parser) {
  cursor.next();
  ParserStage stage;
  stage.format = parser.format;
  LIVEDATA_RETURN_IF_ERROR(parse_flags(cursor, parser.name, stage));
  const Token at = cursor.peek();
  switch (parser.format) {
    case ParserStage::Format::kJson:
    case ParserStage::Format::kLogfmt:
      LIVEDATA_RETURN_IF_ERROR(parse_expressions(cursor, stage));
      break;
    case ParserStage::Format::kRegexp: {
      LIVEDATA_TRY(stage.text, cursor.expect_string());
      LIVEDATA_RETURN_IF_ERROR(checked(at, plan::RegexParser::make(stage.text)));
      break;
    }
    case ParserStage::Format::kPattern: {
      LIVEDATA_TRY(stage.text, cursor.expect_string());
      LIVEDATA_RETURN_IF_ERROR(checked(at, plan::LinePattern::for_parser(stage.text)));
      break;
    }
    case ParserStage::Format::kUnpack:
      break;
  }
  return Stage(std::move(stage));
}

Result<Stage> parse_line_format(TokenCursor& cursor) {
  const Token at = cursor.next();
  LineFormat stage;
  LIVEDATA_TRY(stage.text, cursor.expect_string());
  LIVEDATA_RETURN_IF_ERROR(checked(at, text_template::Template::parse(stage.text)));
  return Stage(std::move(stage));
}

Result<Stage> parse_label_format(TokenCursor& cursor) {
  cursor.next();
  LabelFormat stage;
  do {
    const Token at = cursor.peek();
    LabelFormat::Assignment assignment;
    LIVEDATA_TRY(assignment.name, cursor.expect_name("a label name"));
    if (assignment.name == plan::kErrorLabel)
      return parse_error(at, fmt::format("{} cannot be formatted", plan::kErrorLabel));
    if (std::any_of(stage.assignments.begin(), stage.assignments.end(),
                    [&](const auto& other) { return other.name == assignment.name; })) {
      return parse_error(at, fmt::format("multiple label name '{}' not allowed in a single format "
                                         "operation",
                                         assignment.name));
    }
    LIVEDATA_RETURN_IF_ERROR(cursor.expect("="));
    if (cursor.peek().kind == TokenKind::kString) {
      assignment.source = cursor.next().text;
      LIVEDATA_RETURN_IF_ERROR(checked(at, text_template::Template::parse(assignment.source)));
    } else {
      assignment.renames = true;
      LIVEDATA_TRY(assignment.source, cursor.expect_name("a label name or a template in quotes"));
    }
    stage.assignments.push_back(std::move(assignment));
  } while (cursor.take(","));
  return Stage(std::move(stage));
}

Result<Stage> parse_drop_keep(TokenCursor& cursor, bool keep) {
  cursor.next();
  DropKeep stage;
  stage.keep = keep;
  do {
    LIVEDATA_TRY(std::string name, cursor.expect_name("a label name"));
    std::optional<LabelMatcher> matcher;
    if (at_matcher(cursor)) {
      LIVEDATA_TRY(matcher, parse_matcher(cursor, name));
    }
    stage.labels.emplace_back(std::move(name), std::move(matcher));
  } while (cursor.take(","));
  return Stage(std::move(stage));
}

Result<Stage> parse_distinct(TokenCursor& cursor) {
  cursor.next();
  Distinct stage;
  do {
    LIVEDATA_TRY(std::string name, cursor.expect_name("a label name"));
    stage.names.push_back(std::move(name));
  } while (cursor.take(","));
  return Stage(std::move(stage));
}

FilterPointer combine(LabelFilter::Kind kind, FilterPointer left, FilterPointer right) {
  auto filter = std::make_shared<LabelFilter>();
  filter->kind = kind;
  filter->left = std::move(left);
  filter->right = std::move(right);
  return filter;
}

Result<FilterPointer> parse_ip_filter(TokenCursor& cursor, const Token& at,
                                      std::shared_ptr<LabelFilter> filter) {
  cursor.next();
  if (filter->comparison != Comparison::kEqual && filter->comparison != Comparison::kNotEqual)
    return parse_error(at, "ip() is allowed behind = and != only");
  filter->kind = LabelFilter::Kind::kIp;
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("("));
  LIVEDATA_TRY(filter->text, cursor.expect_string());
  LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  LIVEDATA_RETURN_IF_ERROR(checked(at, plan::IpRange::make(filter->text)));
  return FilterPointer(std::move(filter));
}

Result<FilterPointer> parse_comparison(TokenCursor& cursor, const std::string& name) {
  auto filter = std::make_shared<LabelFilter>();
  filter->name = name;
  const Token at = cursor.peek();
  const auto* const found =
      std::find_if(kComparisons.begin(), kComparisons.end(),
                   [&](const ComparisonName& c) { return cursor.at(c.text); });
  if (found == kComparisons.end()) return cursor.unexpected("one of = == != =~ !~ > >= < <=");
  cursor.next();
  filter->comparison = found->comparison;
  if (cursor.at_word("ip")) return parse_ip_filter(cursor, at, std::move(filter));
  const double sign = cursor.take("-") ? -1 : 1;
  switch (cursor.peek().kind) {
    case TokenKind::kNumber:
      filter->kind = LabelFilter::Kind::kNumber;
      filter->value = sign * cursor.next().number;
      break;
    case TokenKind::kDuration:
      filter->kind = LabelFilter::Kind::kDuration;
      filter->value = sign * static_cast<double>(cursor.next().ns);
      break;
    case TokenKind::kBytes:
      filter->kind = LabelFilter::Kind::kBytes;
      filter->value = sign * cursor.next().number;
      break;
    default:
      return cursor.unexpected("a number, a duration, a size, ip(...) or a string in quotes");
  }
  return FilterPointer(std::move(filter));
}

Result<FilterPointer> parse_or_filter(TokenCursor& cursor);

/// `name in ({...} | ...)`: the values that the label has in another log query.
Result<FilterPointer> parse_in_filter(TokenCursor& cursor, const std::string& name) {
  cursor.next();
  auto filter = std::make_shared<LabelFilter>();
  filter->kind = LabelFilter::Kind::kIn;
  filter->name = name;
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("("));
  LIVEDATA_TRY(LogExpression inner, parse_log(cursor));
  LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  filter->inner = std::make_shared<const LogExpression>(std::move(inner));
  return FilterPointer(std::move(filter));
}

Result<FilterPointer> parse_filter_unit(TokenCursor& cursor) {
  if (cursor.take("(")) {
    LIVEDATA_TRY(FilterPointer inner, parse_or_filter(cursor));
    LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
    return inner;
  }
  LIVEDATA_TRY(
      const std::string name,
      cursor.expect_name("a stage (json, logfmt, line_format, drop, ...) or a label name"));
  if (cursor.at_word("in")) return parse_in_filter(cursor, name);
  const bool compares_text = cursor.peek(1).kind == TokenKind::kString && at_matcher(cursor);
  if (!compares_text) return parse_comparison(cursor, name);
  LIVEDATA_TRY(LabelMatcher matcher, parse_matcher(cursor, name));
  auto filter = std::make_shared<LabelFilter>();
  filter->matcher = std::move(matcher);
  filter->name = name;
  return FilterPointer(std::move(filter));
}

/// A comma, and nothing at all between two filters, mean `and`.
Result<FilterPointer> parse_and_filter(TokenCursor& cursor) {
  LIVEDATA_TRY(FilterPointer left, parse_filter_unit(cursor));
  for (;;) {
    const bool joined = cursor.at_word("and") || cursor.at(",");
    const bool is_name = cursor.peek().kind == TokenKind::kIdentifier && !cursor.at_word("or") &&
                         (cursor.peek(1).kind == TokenKind::kSymbol);
    if (!joined && !is_name) return left;
    if (joined) cursor.next();
    LIVEDATA_TRY(FilterPointer right, parse_filter_unit(cursor));
    left = combine(LabelFilter::Kind::kAnd, std::move(left), std::move(right));
  }
}

/// `or` binds less than `and`.
Result<FilterPointer> parse_or_filter(TokenCursor& cursor) {
  const TokenCursor::Nesting nesting(cursor);
  LIVEDATA_RETURN_IF_ERROR(nesting.check());
  LIVEDATA_TRY(FilterPointer left, parse_and_filter(cursor));
  while (cursor.take_word("or")) {
    LIVEDATA_TRY(FilterPointer right, parse_and_filter(cursor));
    left = combine(LabelFilter::Kind::kOr, std::move(left), std::move(right));
  }
  return left;
}

/// A label may be called like a stage; then a comparison follows.
bool is_label_comparison(const TokenCursor& cursor) {
  const Token& behind = cursor.peek(1);
  if (behind.kind == TokenKind::kIdentifier && lower(behind.text) == "in")
    return is_symbol(cursor.peek(2), "(");
  return is_symbol(behind, "=~") || is_symbol(behind, "!~") ||
         std::any_of(kComparisons.begin(), kComparisons.end(),
                     [&](const ComparisonName& c) { return is_symbol(behind, c.text); });
}

Result<Stage> parse_stage(TokenCursor& cursor) {
  if (cursor.peek().kind == TokenKind::kIdentifier && !is_label_comparison(cursor)) {
    const std::string word = lower(cursor.peek().text);
    for (const ParserName& parser : kParsers) {
      if (parser.name == word) return parse_parser(cursor, parser);
    }
    if (word == "line_format") return parse_line_format(cursor);
    if (word == "label_format") return parse_label_format(cursor);
    if (word == "drop" || word == "keep") return parse_drop_keep(cursor, word == "keep");
    if (word == "distinct") return parse_distinct(cursor);
    if (word == "decolorize") {
      cursor.next();
      return Stage(Decolorize());
    }
  }
  LIVEDATA_TRY(auto filter, parse_or_filter(cursor));
  return Stage(*filter);
}

Result<Unwrap> parse_unwrap(TokenCursor& cursor) {
  cursor.next();
  Unwrap unwrap;
  LIVEDATA_TRY(unwrap.name, cursor.expect_name("a label name"));
  if (!cursor.at("(")) return unwrap;
  const auto* const found =
      std::find_if(kConversions.begin(), kConversions.end(),
                   [&](const ConversionName& c) { return c.name == lower(unwrap.name); });
  if (found == kConversions.end()) {
    return parse_error(
        cursor.peek(),
        fmt::format("unknown conversion {}; use duration, duration_seconds or bytes", unwrap.name));
  }
  unwrap.conversion = found->conversion;
  cursor.next();
  LIVEDATA_TRY(unwrap.name, cursor.expect_name("a label name"));
  LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  return unwrap;
}

Result<void> parse_piped(TokenCursor& cursor, LogExpression& log, std::optional<Unwrap>* unwrap) {
  if (cursor.at_word("unwrap") && !is_label_comparison(cursor)) {
    if (unwrap == nullptr)
      return parse_error(cursor.peek(), "unwrap is allowed only inside of a range aggregation");
    if (*unwrap) return parse_error(cursor.peek(), "there is an unwrap already");
    LIVEDATA_TRY(*unwrap, parse_unwrap(cursor));
    return {};
  }
  const Token at = cursor.peek();
  LIVEDATA_TRY(Stage stage, parse_stage(cursor));
  if (unwrap == nullptr || !*unwrap) {
    log.stages.push_back(std::move(stage));
    return {};
  }
  auto* filter = std::get_if<LabelFilter>(&stage);
  if (filter == nullptr) return parse_error(at, "only label filters may stand behind unwrap");
  (*unwrap)->filters.push_back(std::move(*filter));
  return {};
}

}  // namespace

Result<std::vector<LabelMatcher>> parse_selector(TokenCursor& cursor) {
  const Token at = cursor.peek();
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("{"));
  std::vector<LabelMatcher> matchers;
  while (!cursor.take("}")) {
    if (!matchers.empty()) LIVEDATA_RETURN_IF_ERROR(cursor.expect(","));
    if (!matchers.empty() && cursor.take("}")) break;
    LIVEDATA_TRY(const std::string name, cursor.expect_name("a label name or '}'"));
    LIVEDATA_TRY(LabelMatcher matcher, parse_matcher(cursor, name));
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

Result<void> parse_stages(TokenCursor& cursor, LogExpression& log, std::optional<Unwrap>* unwrap) {
  for (;;) {
    if (const LineOpName* line_op = peek_line_op(cursor)) {
      if (unwrap != nullptr && *unwrap)
        return parse_error(cursor.peek(), "only label filters may stand behind unwrap");
      LIVEDATA_TRY(LineFilter filter, parse_line_filter(cursor, line_op->op));
      log.stages.emplace_back(std::move(filter));
    } else if (cursor.take("|")) {
      LIVEDATA_RETURN_IF_ERROR(parse_piped(cursor, log, unwrap));
    } else {
      return {};
    }
  }
}

Result<LogExpression> parse_log(TokenCursor& cursor) {
  const TokenCursor::Nesting nesting(cursor);
  LIVEDATA_RETURN_IF_ERROR(nesting.check());
  LogExpression log;
  if (cursor.take("(")) {
    LIVEDATA_TRY(log, parse_log(cursor));
    LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
    return log;
  }
  LIVEDATA_TRY(log.selector, parse_selector(cursor));
  LIVEDATA_RETURN_IF_ERROR(parse_stages(cursor, log, nullptr));
  return log;
}

}  // namespace livedata::query::logql
