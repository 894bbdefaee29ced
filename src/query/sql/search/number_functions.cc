#include <array>

#include <fmt/format.h>

#include "query/sql/search/expression_sql.h"

namespace livedata::query::sql::search {
namespace {

using spl::Parsed;

std::string number(const Value& value) {
  return fmt::format("CAST({} AS DOUBLE)", as_number(value));
}
Value made(std::string sql) { return {std::move(sql), Kind::kDouble}; }

/// NULL where DuckDB would end the query: outside of what the function is defined for.
Value guarded(const std::string& condition, const std::string& sql) {
  return made(fmt::format("(CASE WHEN {} THEN {} END)", condition, sql));
}

Parsed<Value> one(Call& call, std::string_view function) {
  return made(fmt::format("{}({})", function, number(call[0])));
}
Parsed<Value> positive(Call& call, std::string_view function) {
  const std::string x = number(call[0]);
  return guarded(x + " > 0", fmt::format("{}({})", function, x));
}
Parsed<Value> in_one(Call& call, std::string_view function) {
  const std::string x = number(call[0]);
  return guarded(fmt::format("abs({}) <= 1", x), fmt::format("{}({})", function, x));
}
Parsed<Value> finite(Call& call, std::string_view function) {
  const std::string x = number(call[0]);
  return guarded(fmt::format("isfinite({})", x), fmt::format("{}({})", function, x));
}

Parsed<Value> round_to(Call& call) {
  if (call.size() == 1) return made(fmt::format("round({})", number(call[0])));
  return made(fmt::format("round({}, CAST(least(greatest({}, -15), 15) AS INTEGER))",
                          number(call[0]), number(call[1])));
}

Parsed<Value> logarithm(Call& call) {
  const std::string x = number(call[0]);
  if (call.size() == 1) return guarded(x + " > 0", fmt::format("log10({})", x));
  const std::string base = number(call[1]);
  return guarded(fmt::format("{} > 0 AND {} > 0 AND {} <> 1", x, base, base),
                 fmt::format("(ln({}) / ln({}))", x, base));
}

/// max and min: numbers among themselves, else texts.
Parsed<Value> extreme(Call& call, std::string_view function) {
  bool are_numbers = true;
  for (const Value& value : call.arguments)
    are_numbers = are_numbers && (value.is_number() || value.kind == Kind::kNull ||
                                  (value.kind == Kind::kText && !value.literal));
  std::string list;
  for (const Value& value : call.arguments)
    list += (list.empty() ? "" : ", ") + (are_numbers ? number(value) : as_text(value));
  return Value{fmt::format("{}({})", function, list), are_numbers ? Kind::kDouble : Kind::kText};
}

Parsed<Value> to_number(Call& call) {
  if (call.size() == 1) return made(number(call[0]));
  const std::string text = fmt::format("lower({})", as_text(call[0]));
  return made(fmt::format(
      // Digit by digit: DuckDB reads bases of its own choice only.
      "(CASE WHEN {1} BETWEEN 2 AND 36 AND regexp_full_match({0}, '[0-9a-z]{{1,12}}') THEN "
      "list_reduce(list_transform(string_split({0}, ''), lambda digit: CAST("
      "CASE WHEN digit BETWEEN '0' AND '9' THEN ascii(digit) - 48 ELSE ascii(digit) - 87 END AS "
      "DOUBLE)), lambda total, digit: total * {1} + digit) END)",
      text, number(call[1])));
}

constexpr std::array<NamedFunction, 28> kFunctions = {{
    {"abs", [](Call& c) { return one(c, "abs"); }},
    {"acos", [](Call& c) { return in_one(c, "acos"); }},
    {"asin", [](Call& c) { return in_one(c, "asin"); }},
    {"atan", [](Call& c) { return one(c, "atan"); }},
    {"atan2",
     [](Call& c) -> Parsed<Value> {
       return made(fmt::format("atan2({}, {})", number(c[0]), number(c[1])));
     }},
    {"ceil", [](Call& c) { return one(c, "ceil"); }},
    {"ceiling", [](Call& c) { return one(c, "ceil"); }},
    {"cos", [](Call& c) { return finite(c, "cos"); }},
    {"exact", [](Call& c) -> Parsed<Value> { return made(number(c[0])); }},
    {"exp",
     [](Call& c) -> Parsed<Value> {
       return guarded(number(c[0]) + " < 709", fmt::format("exp({})", number(c[0])));
     }},
    {"floor", [](Call& c) { return one(c, "floor"); }},
    {"hypot",
     [](Call& c) -> Parsed<Value> {
       return made(fmt::format("sqrt({0} * {0} + {1} * {1})", number(c[0]), number(c[1])));
     }},
    {"isint",
     [](Call& c) -> Parsed<Value> {
       return Value{fmt::format("coalesce({0} = floor({0}), FALSE)", number(c[0])), Kind::kBool};
     }},
    {"isnum",
     [](Call& c) -> Parsed<Value> {
       return Value{fmt::format("({} IS NOT NULL)", as_number(c[0])), Kind::kBool};
     }},
    {"ln", [](Call& c) { return positive(c, "ln"); }},
    {"log", logarithm},
    {"max", [](Call& c) { return extreme(c, "greatest"); }},
    {"min", [](Call& c) { return extreme(c, "least"); }},
    {"pi", [](Call&) -> Parsed<Value> { return made("pi()"); }},
    {"pow",
     [](Call& c) -> Parsed<Value> {
       return made(fmt::format("pow({}, {})", number(c[0]), number(c[1])));
     }},
    {"random",
     [](Call&) -> Parsed<Value> {
       return Value{"CAST(floor(random() * 2147483647) AS BIGINT)", Kind::kInteger};
     }},
    {"round", round_to},
    {"sigfig", [](Call& c) -> Parsed<Value> { return made(number(c[0])); }},
    {"sin", [](Call& c) { return finite(c, "sin"); }},
    {"sqrt",
     [](Call& c) -> Parsed<Value> {
       return guarded(number(c[0]) + " >= 0", fmt::format("sqrt({})", number(c[0])));
     }},
    {"tan", [](Call& c) { return finite(c, "tan"); }},
    {"tonumber", to_number},
    {"trunc", [](Call& c) { return one(c, "trunc"); }},
}};

}  // namespace

CompileCall find_number_function(std::string_view name) { return find_in(kFunctions, name); }

}  // namespace livedata::query::sql::search
