#include "query/spl/expression_parser.h"

#include <array>
#include <cctype>
#include <charconv>

#include "base/nearest_name.h"
#include "query/spl/functions.h"

namespace livedata::query::spl {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

ExpressionPtr make(Expression expression) {
  return std::make_shared<const Expression>(std::move(expression));
}

ExpressionPtr binary(std::string op, ExpressionPtr left, ExpressionPtr right, std::size_t offset) {
  return make({.kind = Expression::Kind::kBinary,
               .text = std::move(op),
               .arguments = {std::move(left), std::move(right)},
               .offset = offset});
}

class Parser {
 public:
  explicit Parser(Cursor& cursor) : cursor_(cursor) {}

  Parsed<ExpressionPtr> parse_or() {
    const Cursor::Nesting nesting(cursor_);
    LIVEDATA_RETURN_IF_ERROR(nesting.check());
    LIVEDATA_TRY(ExpressionPtr left, parse_xor());
    for (std::size_t at = cursor_.skip_space(); cursor_.take_word("or");
         at = cursor_.skip_space()) {
      LIVEDATA_TRY(ExpressionPtr right, parse_xor());
      LIVEDATA_TRY(left, joined("OR", std::move(left), std::move(right), at));
    }
    return left;
  }

 private:
  /// A chain is as deep as it is long.
  Parsed<ExpressionPtr> joined(std::string op, ExpressionPtr left, ExpressionPtr right,
                               std::size_t at) {
    if (++operators_ > kMaxOperators)
      return mistake(at, "the expression has more than {} operators", kMaxOperators);
    return binary(std::move(op), std::move(left), std::move(right), at);
  }

  Parsed<ExpressionPtr> parse_xor() {
    LIVEDATA_TRY(ExpressionPtr left, parse_and());
    for (std::size_t at = cursor_.skip_space(); cursor_.take_word("xor");
         at = cursor_.skip_space()) {
      LIVEDATA_TRY(ExpressionPtr right, parse_and());
      LIVEDATA_TRY(left, joined("XOR", std::move(left), std::move(right), at));
    }
    return left;
  }

  Parsed<ExpressionPtr> parse_and() {
    LIVEDATA_TRY(ExpressionPtr left, parse_not());
    for (std::size_t at = cursor_.skip_space(); cursor_.take_word("and");
         at = cursor_.skip_space()) {
      LIVEDATA_TRY(ExpressionPtr right, parse_not());
      LIVEDATA_TRY(left, joined("AND", std::move(left), std::move(right), at));
    }
    return left;
  }

  Parsed<ExpressionPtr> parse_not() {
    const std::size_t at = cursor_.skip_space();
    const bool is_bang = cursor_.at("!") && !cursor_.at("!=");
    if (!cursor_.at_word("not") && !is_bang) return parse_comparison();
    cursor_.go_back(at + (is_bang ? 1 : 3));
    const Cursor::Nesting nesting(cursor_);
    LIVEDATA_RETURN_IF_ERROR(nesting.check());
    LIVEDATA_TRY(ExpressionPtr argument, parse_not());
    return make({.kind = Expression::Kind::kUnary,
                 .text = "NOT",
                 .arguments = {std::move(argument)},
                 .offset = at});
  }

  std::string take_comparison() {
    for (const std::string_view op : {"==", "!=", "<=", ">=", "<", ">", "="}) {
      if (cursor_.take(op)) return std::string(op == "==" ? "=" : op);
    }
    return cursor_.take_word("like") ? "LIKE" : "";
  }

  Parsed<ExpressionPtr> parse_comparison() {
    LIVEDATA_TRY(ExpressionPtr left, parse_concat());
    const std::size_t at = cursor_.skip_space();
    if (const std::string op = take_comparison(); !op.empty()) {
      LIVEDATA_TRY(ExpressionPtr right, parse_concat());
      return joined(op, std::move(left), std::move(right), at);
    }
    const bool is_not = cursor_.take_word("not");
    if (!cursor_.take_word("in")) {
      cursor_.go_back(at);
      return left;
    }
    LIVEDATA_RETURN_IF_ERROR(cursor_.expect("("));
    Expression call{
        .kind = Expression::Kind::kCall, .text = "in", .arguments = {left}, .offset = at};
    LIVEDATA_RETURN_IF_ERROR(parse_arguments(call));
    if (call.arguments.size() < 2) return mistake(at, "IN needs a value at least");
    ExpressionPtr in = make(std::move(call));
    if (!is_not) return in;
    return make({.kind = Expression::Kind::kUnary, .text = "NOT", .arguments = {in}, .offset = at});
  }

  Parsed<ExpressionPtr> parse_concat() {
    LIVEDATA_TRY(ExpressionPtr left, parse_sum());
    for (std::size_t at = cursor_.skip_space(); cursor_.take("."); at = cursor_.skip_space()) {
      LIVEDATA_TRY(ExpressionPtr right, parse_sum());
      LIVEDATA_TRY(left, joined(".", std::move(left), std::move(right), at));
    }
    return left;
  }

  Parsed<ExpressionPtr> parse_sum() {
    LIVEDATA_TRY(ExpressionPtr left, parse_product());
    for (;;) {
      const std::size_t at = cursor_.skip_space();
      const char op = cursor_.take("+") ? '+' : cursor_.take("-") ? '-' : '\0';
      if (op == '\0') return left;
      LIVEDATA_TRY(ExpressionPtr right, parse_product());
      LIVEDATA_TRY(left, joined(std::string(1, op), std::move(left), std::move(right), at));
    }
  }

  Parsed<ExpressionPtr> parse_product() {
    LIVEDATA_TRY(ExpressionPtr left, parse_unary());
    for (;;) {
      const std::size_t at = cursor_.skip_space();
      const char op = cursor_.take("*")   ? '*'
                      : cursor_.take("/") ? '/'
                      : cursor_.take("%") ? '%'
                                          : '\0';
      if (op == '\0') return left;
      LIVEDATA_TRY(ExpressionPtr right, parse_unary());
      LIVEDATA_TRY(left, joined(std::string(1, op), std::move(left), std::move(right), at));
    }
  }

  Parsed<ExpressionPtr> parse_unary() {
    const std::size_t at = cursor_.skip_space();
    if (cursor_.take("+")) return parse_primary();
    if (!cursor_.take("-")) return parse_primary();
    const std::string_view rest = cursor_.text().substr(cursor_.skip_space());
    if (!rest.empty() && is_digit(rest[0])) return parse_number(true);
    const Cursor::Nesting nesting(cursor_);
    LIVEDATA_RETURN_IF_ERROR(nesting.check());
    LIVEDATA_TRY(ExpressionPtr argument, parse_unary());
    return make({.kind = Expression::Kind::kUnary,
                 .text = "-",
                 .arguments = {std::move(argument)},
                 .offset = at});
  }

  Parsed<ExpressionPtr> parse_number(bool is_negative) {
    const std::size_t at = cursor_.skip_space();
    const std::string_view rest = cursor_.text().substr(at);
    double number = 0;
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (code != std::errc()) return mistake(at, "this number is too large");
    // The point behind a number joins texts.
    const std::size_t size = static_cast<std::size_t>(end - rest.data()) - (end[-1] == '.' ? 1 : 0);
    cursor_.go_back(at + size);
    return make({.kind = Expression::Kind::kNumber,
                 .number = is_negative ? -number : number,
                 .offset = at});
  }

  Parsed<ExpressionPtr> parse_primary() {
    const std::size_t at = cursor_.skip_space();
    const std::string_view rest = cursor_.text().substr(at);
    const char first = rest.empty() ? '\0' : rest[0];
    const char second = rest.size() > 1 ? rest[1] : '\0';
    if (is_digit(first) || (first == '.' && is_digit(second))) return parse_number(false);
    if (first == '"' || first == '\'') {
      LIVEDATA_TRY(std::string text, cursor_.take_quoted(first));
      if (first == '\'' && text.empty()) return mistake(at, "the name of a field is empty");
      return make({.kind = first == '"' ? Expression::Kind::kText : Expression::Kind::kField,
                   .text = std::move(text),
                   .offset = at});
    }
    if (cursor_.take("(")) {
      LIVEDATA_TRY(ExpressionPtr inner, parse_or());
      LIVEDATA_RETURN_IF_ERROR(cursor_.expect(")"));
      return inner;
    }
    if (!is_letter(first) && (static_cast<unsigned char>(first) & 0x80U) == 0)
      return cursor_.unexpected("a value, a field or a function");
    std::size_t size = 0;
    const auto is_part = [&](char c) {
      return is_letter(c) || is_digit(c) || c == ':' ||
             (static_cast<unsigned char>(c) & 0x80U) != 0;
    };
    while (size < rest.size() && is_part(rest[size])) ++size;
    cursor_.go_back(at + size);
    for (const std::string_view word : {"and", "or", "xor", "not", "like", "in", "as", "by"}) {
      if (lower(rest.substr(0, size)) != word || cursor_.at("(")) continue;
      cursor_.go_back(at);
      return cursor_.unexpected("a value, a field or a function");
    }
    if (cursor_.take("(")) return parse_call(lower(rest.substr(0, size)), at);
    cursor_.go_back(at + size);
    return make({.kind = Expression::Kind::kField,
                 .text = std::string(rest.substr(0, size)),
                 .offset = at});
  }

  Parsed<void> parse_arguments(Expression& call) {
    if (cursor_.take(")")) return {};
    do {
      LIVEDATA_TRY(ExpressionPtr argument, parse_or());
      call.arguments.push_back(std::move(argument));
      if (call.arguments.size() > kMaxListed)
        return mistake(call.offset, "there are more than {} arguments", kMaxListed);
    } while (cursor_.take(","));
    return cursor_.expect(")");
  }

  Parsed<ExpressionPtr> parse_call(const std::string& name, std::size_t at) {
    const EvalFunction* function = find_eval_function(name);
    if (function == nullptr) {
      return mistake(at, "there is no function '{}'; did you mean '{}'?", name.substr(0, 64),
                     nearest_name(name.substr(0, 64), eval_function_names()));
    }
    Expression call{.kind = Expression::Kind::kCall, .text = name, .offset = at};
    LIVEDATA_RETURN_IF_ERROR(parse_arguments(call));
    const std::size_t count = call.arguments.size();
    if (count < function->least || count > function->most) {
      const std::string wanted = function->most == kAnyNumber
                                     ? fmt::format("{} or more", function->least)
                                 : function->least == function->most
                                     ? fmt::format("{}", function->least)
                                     : fmt::format("{} or {}", function->least, function->most);
      return mistake(at, "{}() takes {} argument{}, not {}", name, wanted, wanted == "1" ? "" : "s",
                     count);
    }
    return make(std::move(call));
  }

  Cursor& cursor_;
  std::size_t operators_ = 0;
};

}  // namespace

Parsed<ExpressionPtr> parse_expression(Cursor& cursor) { return Parser(cursor).parse_or(); }

}  // namespace livedata::query::spl
