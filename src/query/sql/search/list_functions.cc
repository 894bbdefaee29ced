#include <array>

#include <fmt/format.h>

#include "query/sql/search/expression_sql.h"

namespace livedata::query::sql::search {
namespace {

using spl::Parsed;

Value list(std::string sql) { return {std::move(sql), Kind::kList}; }
Value text(std::string sql) { return {std::move(sql), Kind::kText}; }

std::string whole(const Value& value) {
  return fmt::format("CAST(least(greatest({}, -1000000), 1000000) AS BIGINT)", as_number(value));
}

Parsed<Value> count(Call& call) {
  return Value{fmt::format("nullif(len({}), 0)", as_list(call[0])), Kind::kInteger};
}

/// mvindex(x, first[, last]): from 0 on, and from -1 down from the end.
Parsed<Value> index(Call& call) {
  const std::string values = as_list(call[0]);
  const auto place = [&](std::size_t i) {
    return fmt::format("(CASE WHEN {0} < 0 THEN {0} ELSE {0} + 1 END)", whole(call[i]));
  };
  if (call.size() == 2) return text(fmt::format("({})[{}]", values, place(1)));
  return list(fmt::format("nullif(list_slice({}, {}, {}), [])", values, place(1), place(2)));
}

Parsed<Value> append(Call& call) {
  std::string sql;
  for (const Value& value : call.arguments) {
    const std::string part = fmt::format("coalesce({}, CAST([] AS VARCHAR[]))", as_list(value));
    sql = sql.empty() ? part : fmt::format("list_concat({}, {})", sql, part);
  }
  return list(fmt::format("nullif({}, [])", sql));
}

/// The name of the field that mvfilter and mvmap go through.
Parsed<std::string> only_field(const spl::Expression& expression) {
  if (expression.kind == spl::Expression::Kind::kField) return expression.text;
  for (const spl::ExpressionPtr& argument : expression.arguments) {
    LIVEDATA_TRY(std::string found, only_field(*argument));
    if (!found.empty()) return found;
  }
  return std::string();
}

Parsed<Value> filter(Call& call) {
  const spl::Expression& condition = *call.expression.arguments.front();
  LIVEDATA_TRY(const std::string name, only_field(condition));
  if (name.empty())
    return spl::mistake(condition.offset, "mvfilter() needs a field in its condition");
  LIVEDATA_TRY(const Value kept, call.sql.compile_with(condition, name, {"element", Kind::kText}));
  return list(fmt::format("nullif(list_filter({}, lambda element: coalesce({}, FALSE)), [])",
                          as_list(call.sql.fields()(name)), as_bool(kept)));
}

Parsed<Value> map(Call& call) {
  const spl::Expression& field = *call.expression.arguments[0];
  if (field.kind != spl::Expression::Kind::kField)
    return spl::mistake(field.offset, "mvmap() takes a field first");
  LIVEDATA_TRY(const Value each, call.sql.compile_with(*call.expression.arguments[1], field.text,
                                                       {"element", Kind::kText}));
  return list(fmt::format("list_transform({}, lambda element: {})",
                          as_list(call.sql.fields()(field.text)), as_text(each)));
}

Parsed<Value> find(Call& call) {
  if (call.literal(1) == nullptr)
    return spl::mistake(call.expression.arguments[1]->offset, "the regex is a text in quotes");
  LIVEDATA_TRY(std::string regex,
               checked_regex(*call.literal(1), call.expression.arguments[1]->offset));
  return Value{fmt::format("nullif(list_position(list_transform({}, lambda element: "
                           "regexp_matches(element, {})), TRUE), 0) - 1",
                           as_list(call[0]), call.sql.bindings().add(std::move(regex))),
               Kind::kInteger};
}

Parsed<Value> make_range(Call& call) {
  const std::string step = call.size() > 2 ? whole(call[2]) : "1";
  return list(fmt::format("CAST(range({}, {}, nullif({}, 0)) AS VARCHAR[])", whole(call[0]),
                          whole(call[1]), step));
}

Parsed<Value> zip(Call& call) {
  const std::string delimiter = call.size() > 2 ? as_text(call[2]) : "','";
  const std::string a = as_list(call[0]);
  const std::string b = as_list(call[1]);
  return list(
      fmt::format("list_transform(range(1, least(len({0}), len({1})) + 1), lambda place: "
                  "({0})[place] || {2} || "
                  "({1})[place])",
                  a, b, delimiter));
}

Parsed<Value> json_object(Call& call) {
  if (call.size() % 2 != 0)
    return spl::mistake(call.expression.offset, "json_object() takes pairs of a name and a value");
  std::string sql;
  for (std::size_t i = 0; i < call.size(); ++i) {
    if (!sql.empty()) sql += ", ";
    const bool keeps_kind =
        i % 2 == 1 && call[i].kind != Kind::kNull && call[i].kind != Kind::kTime;
    sql += keeps_kind ? call[i].sql : as_text(call[i]);
  }
  return text(fmt::format("CAST(json_object({}) AS VARCHAR)", sql));
}

Parsed<Value> json_array(Call& call) {
  std::string sql;
  for (const Value& value : call.arguments) {
    if (!sql.empty()) sql += ", ";
    sql += value.kind == Kind::kNull || value.kind == Kind::kTime ? as_text(value) : value.sql;
  }
  return text(fmt::format("CAST(json_array({}) AS VARCHAR)", sql));
}

constexpr std::array<NamedFunction, 17> kFunctions = {{
    {"json_array", json_array},
    {"json_array_to_mv",
     [](Call& c) -> Parsed<Value> {
       return list(fmt::format(
           "(CASE WHEN json_valid({0}) THEN json_extract_string({0}, '$[*]') END)", as_text(c[0])));
     }},
    {"json_keys",
     [](Call& c) -> Parsed<Value> {
       return text(fmt::format(
           "(CASE WHEN json_valid({0}) THEN CAST(to_json(json_keys({0})) AS VARCHAR) END)",
           as_text(c[0])));
     }},
    {"json_object", json_object},
    {"mvappend", append},
    {"mvcount", count},
    {"mvdedup",
     [](Call& c) -> Parsed<Value> {
       // The first of equal ones stays at its place.
       return list(fmt::format(
           "list_filter({0}, lambda element, place: list_position({0}, element) = place)",
           as_list(c[0])));
     }},
    {"mvfilter", filter},
    {"mvfind", find},
    {"mvindex", index},
    {"mvjoin",
     [](Call& c) -> Parsed<Value> {
       return text(fmt::format("array_to_string({}, {})", as_list(c[0]), as_text(c[1])));
     }},
    {"mvmap", map},
    {"mvrange", make_range},
    {"mvreverse",
     [](Call& c) -> Parsed<Value> { return list(fmt::format("list_reverse({})", as_list(c[0]))); }},
    {"mvsort",
     [](Call& c) -> Parsed<Value> { return list(fmt::format("list_sort({})", as_list(c[0]))); }},
    {"mvzip", zip},
    {"split",
     [](Call& c) -> Parsed<Value> {
       return list(fmt::format("string_split({}, {})", as_text(c[0]), as_text(c[1])));
     }},
}};

}  // namespace

CompileCall find_list_function(std::string_view name) { return find_in(kFunctions, name); }

}  // namespace livedata::query::sql::search
