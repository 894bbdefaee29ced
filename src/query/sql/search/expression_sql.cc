#include "query/sql/search/expression_sql.h"

#include <array>

#include <fmt/format.h>
#include <re2/re2.h>

namespace livedata::query::sql::search {
namespace {

using spl::Expression;

constexpr std::size_t kMaxSqlBytes = std::size_t{128} * 1024;

std::optional<spl::Compare> comparison(std::string_view op) {
  constexpr std::array<std::string_view, 6> kOperators = {"=", "!=", "<", "<=", ">", ">="};
  for (std::size_t i = 0; i < kOperators.size(); ++i) {
    if (kOperators[i] == op) return static_cast<spl::Compare>(i);
  }
  return std::nullopt;
}

bool is_word(const Value& value) { return value.literal && !number_in(*value.literal); }

}  // namespace

Value ExpressionSql::text(std::string text) {
  Value value{bindings_.add(text), Kind::kText};
  value.literal = std::move(text);
  return value;
}

Value ExpressionSql::number(double number) {
  return {fmt::format("CAST({} AS DOUBLE)", bindings_.add(number)), Kind::kDouble};
}

spl::Parsed<std::string> checked_regex(const std::string& regex, std::size_t offset) {
  // Splunk's way to name a group, which older RE2 does not know.
  std::string out;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    out += regex[i];
    if (regex[i] == '\\' && i + 1 < regex.size()) {
      out += regex[++i];
      continue;
    }
    const std::string_view rest = std::string_view(regex).substr(i);
    if (rest.starts_with("(?<=") || rest.starts_with("(?<!") || rest.starts_with("(?=") ||
        rest.starts_with("(?!"))
      return spl::mistake(offset, "a regex can't look ahead or behind, as in '{}'",
                          rest.substr(0, 4));
    if (rest.starts_with("(?<")) {
      out += "?P";
      ++i;
    }
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 compiled(out, options);
  if (!compiled.ok()) return spl::mistake(offset, "this is no regex: {}", compiled.error());
  return out;
}

spl::Parsed<Value> ExpressionSql::compile_with(const Expression& expression,
                                               const std::string& name, const Value& value) {
  const FieldLookup outer = field_;
  field_ = [&](const std::string& wanted) { return wanted == name ? value : outer(wanted); };
  auto compiled = compile(expression);
  field_ = outer;
  return compiled;
}

spl::Parsed<Value> ExpressionSql::compile(const Expression& expression) {
  LIVEDATA_TRY(Value value, compile_any(expression));
  // Functions name their arguments more than once, so that nesting multiplies.
  if (value.sql.size() > kMaxSqlBytes)
    return spl::mistake(expression.offset, "this expression is too deep; make it of several evals");
  return value;
}

spl::Parsed<Value> ExpressionSql::compile_any(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kNumber:
      return number(expression.number);
    case Expression::Kind::kText:
      return text(expression.text);
    case Expression::Kind::kField:
      return field_(expression.text);
    case Expression::Kind::kUnary:
      return compile_unary(expression);
    case Expression::Kind::kBinary:
      return compile_binary(expression);
    case Expression::Kind::kCall:
      break;
  }
  for (const auto& find : {find_number_function, find_text_function, find_choice_function,
                           find_list_function, find_time_function}) {
    const CompileCall compile_call = find(expression.text);
    if (compile_call == nullptr) continue;
    Call call{*this, expression, {}};
    const bool is_lazy = expression.text == "mvfilter" || expression.text == "mvmap" ||
                         expression.text == "searchmatch";
    for (const spl::ExpressionPtr& argument : expression.arguments) {
      if (is_lazy) break;  // the function compiles them itself
      LIVEDATA_TRY(Value value, compile(*argument));
      call.arguments.push_back(std::move(value));
    }
    return compile_call(call);
  }
  return spl::mistake(expression.offset, "there is no function '{}'", expression.text);
}

spl::Parsed<Value> ExpressionSql::compile_unary(const Expression& expression) {
  LIVEDATA_TRY(const Value argument, compile(*expression.arguments.front()));
  if (expression.text == "NOT")
    return Value{fmt::format("(NOT {})", as_bool(argument)), Kind::kBool};
  return Value{fmt::format("(- CAST({} AS DOUBLE))", as_number(argument)), Kind::kDouble};
}

spl::Parsed<Value> ExpressionSql::compile_binary(const Expression& expression) {
  const std::string& op = expression.text;
  LIVEDATA_TRY(const Value left, compile(*expression.arguments[0]));
  LIVEDATA_TRY(const Value right, compile(*expression.arguments[1]));
  if (const auto compared = comparison(op)) {
    if (left.kind == Kind::kList || right.kind == Kind::kList) {
      // One of the values does.
      const Value& list = left.kind == Kind::kList ? left : right;
      const Value element{"element", Kind::kText};
      const std::string one = left.kind == Kind::kList ? compare(element, *compared, right)
                                                       : compare(left, *compared, element);
      return Value{fmt::format("(len(list_filter({}, lambda element: {})) > 0)", list.sql, one),
                   Kind::kBool};
    }
    return Value{compare(left, *compared, right), Kind::kBool};
  }
  if (op == "AND" || op == "OR")
    return Value{fmt::format("({} {} {})", as_bool(left), op, as_bool(right)), Kind::kBool};
  if (op == "XOR")
    return Value{fmt::format("({} <> {})", as_bool(left), as_bool(right)), Kind::kBool};
  if (op == "LIKE")
    return Value{fmt::format("({} LIKE {})", as_text(left), as_text(right)), Kind::kBool};
  if (op == "." || (op == "+" && (is_word(left) || is_word(right))))
    return Value{fmt::format("({} || {})", as_text(left), as_text(right)), Kind::kText};
  const std::string a = fmt::format("CAST({} AS DOUBLE)", as_number(left));
  const std::string b = fmt::format("CAST({} AS DOUBLE)", as_number(right));
  // By zero there is no value.
  if (op == "/" || op == "%")
    return Value{fmt::format("({} {} nullif({}, 0))", a, op == "/" ? "/" : "%", b), Kind::kDouble};
  return Value{fmt::format("({} {} {})", a, op, b), Kind::kDouble};
}

}  // namespace livedata::query::sql::search
