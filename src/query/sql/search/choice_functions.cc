#include <array>

#include <fmt/format.h>

#include "query/spl/command_parsers.h"
#include "query/sql/search/condition_sql.h"
#include "query/sql/search/expression_sql.h"

namespace livedata::query::sql::search {
namespace {

using spl::Parsed;

Value flag(std::string sql) { return {std::move(sql), Kind::kBool}; }

/// All arguments from `first` on, every `step`, as the kind that holds them all.
Kind kind_of(const Call& call, std::size_t first, std::size_t step = 1) {
  Kind kind = Kind::kNull;
  for (std::size_t i = first; i < call.size(); i += step) kind = common_kind(kind, call[i].kind);
  return kind;
}

Parsed<Value> if_else(Call& call) {
  const Kind kind = kind_of(call, 1);
  if (kind == Kind::kNull) return Value{"NULL", Kind::kNull};
  return Value{fmt::format("(CASE WHEN {} THEN {} ELSE {} END)", as_bool(call[0]),
                           as_kind(call[1], kind), as_kind(call[2], kind)),
               kind};
}

Parsed<Value> choose(Call& call) {
  if (call.size() % 2 != 0)
    return spl::mistake(call.expression.offset, "case() takes pairs of a condition and a value");
  const Kind kind = kind_of(call, 1, 2);
  if (kind == Kind::kNull) return Value{"NULL", Kind::kNull};
  std::string sql = "(CASE";
  for (std::size_t i = 0; i < call.size(); i += 2)
    sql += fmt::format(" WHEN {} THEN {}", as_bool(call[i]), as_kind(call[i + 1], kind));
  return Value{sql + " END)", kind};
}

/// validate(condition, message, ...): the message of the first condition that is false.
Parsed<Value> validate(Call& call) {
  if (call.size() % 2 != 0)
    return spl::mistake(call.expression.offset, "validate() takes pairs of a condition and a text");
  std::string sql = "(CASE";
  for (std::size_t i = 0; i < call.size(); i += 2)
    sql += fmt::format(" WHEN NOT coalesce({}, FALSE) THEN {}", as_bool(call[i]),
                       as_text(call[i + 1]));
  return Value{sql + " END)", Kind::kText};
}

Parsed<Value> coalesce(Call& call) {
  const Kind kind = kind_of(call, 0);
  if (kind == Kind::kNull) return Value{"NULL", Kind::kNull};
  std::string sql;
  for (const Value& value : call.arguments) sql += (sql.empty() ? "" : ", ") + as_kind(value, kind);
  return Value{"coalesce(" + sql + ")", kind};
}

Parsed<Value> is_in(Call& call) {
  std::string sql;
  for (std::size_t i = 1; i < call.size(); ++i)
    sql += (sql.empty() ? "" : " OR ") + compare(call[0], spl::Compare::kEqual, call[i]);
  return flag("(" + sql + ")");
}

Parsed<Value> null_if(Call& call) {
  if (call[0].kind == Kind::kNull) return call[0];
  return Value{fmt::format("(CASE WHEN coalesce({}, FALSE) THEN NULL ELSE {} END)",
                           compare(call[0], spl::Compare::kEqual, call[1]), call[0].sql),
               call[0].kind};
}

Parsed<Value> type_of(Call& call) {
  const Value& value = call[0];
  std::string name = "'String'";
  if (value.kind == Kind::kNull) return Value{"'Invalid'", Kind::kText};
  if (value.is_number()) name = "'Number'";
  if (value.kind == Kind::kBool) name = "'Boolean'";
  if (value.kind == Kind::kText && !value.literal)
    name =
        fmt::format("CASE WHEN {} IS NOT NULL THEN 'Number' ELSE 'String' END", as_number(value));
  return Value{fmt::format("(CASE WHEN {} IS NULL THEN 'Invalid' ELSE {} END)", value.sql, name),
               Kind::kText};
}

Parsed<Value> search_match(Call& call) {
  const spl::Expression& argument = *call.expression.arguments.front();
  if (argument.kind != spl::Expression::Kind::kText)
    return spl::mistake(argument.offset, "searchmatch() takes a search in quotes");
  spl::Cursor cursor(argument.text);
  auto condition = spl::parse_condition(cursor);
  if (!condition || !cursor.at_text_end())
    return spl::mistake(argument.offset, "this is no search: {}",
                        condition ? "it has brackets too many" : condition.error().error.message);
  ConditionSql sql(call.sql.bindings(), {call.sql.fields(), nullptr, nullptr});
  LIVEDATA_TRY(std::string text, sql.compile(**condition));
  return flag(std::move(text));
}

constexpr std::array<NamedFunction, 16> kFunctions = {{
    {"case", choose},
    {"coalesce", coalesce},
    {"false", [](Call&) -> Parsed<Value> { return flag("FALSE"); }},
    {"if", if_else},
    {"in", is_in},
    {"isbool",
     [](Call& c) -> Parsed<Value> { return flag(c[0].kind == Kind::kBool ? "TRUE" : "FALSE"); }},
    {"isnotnull",
     [](Call& c) -> Parsed<Value> { return flag(fmt::format("({} IS NOT NULL)", c[0].sql)); }},
    {"isnull",
     [](Call& c) -> Parsed<Value> { return flag(fmt::format("({} IS NULL)", c[0].sql)); }},
    {"isstr",
     [](Call& c) -> Parsed<Value> {
       if (c[0].is_number()) return flag("FALSE");
       return flag(fmt::format("({} IS NOT NULL AND {} IS NULL)", c[0].sql, as_number(c[0])));
     }},
    {"null", [](Call&) -> Parsed<Value> { return Value{"NULL", Kind::kNull}; }},
    {"nullif", null_if},
    {"searchmatch", search_match},
    {"true", [](Call&) -> Parsed<Value> { return flag("TRUE"); }},
    {"typeof", type_of},
    {"validate", validate},
    {"xor",
     [](Call& c) -> Parsed<Value> {
       return flag(fmt::format("({} <> {})", as_bool(c[0]), as_bool(c[1])));
     }},
}};

}  // namespace

CompileCall find_choice_function(std::string_view name) { return find_in(kFunctions, name); }

}  // namespace livedata::query::sql::search
