#include "query/sql/search/planner.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/wildcard.h"
#include "query/spl/printer.h"

namespace livedata::query::sql::search {

std::string Planner::add_step(std::string select, bool is_materialized) {
  std::string name = fmt::format("s{}", steps_.size());
  bytes_ += select.size();
  steps_.push_back(
      fmt::format("{} AS {}MATERIALIZED ({})", name, is_materialized ? "" : "NOT ", select));
  return name;
}

void Planner::filter(Rows& rows, const std::string& condition) {
  rows.from = add_step(fmt::format("SELECT * FROM {} WHERE {}", rows.from, condition));
}

void Planner::number_rows(Rows& rows) {
  NewColumns columns(*this, rows);
  const Value number =
      columns.add({fmt::format("row_number() OVER ({})", rows.order_clause()), Kind::kInteger});
  columns.done();
  rows.order = {{number.sql, false}};
  rows.is_ordered = true;
}

std::vector<std::string> Planner::expand(const Rows& rows, const std::vector<spl::Name>& names) {
  std::vector<std::string> out;
  const auto add = [&out](const std::string& name) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  };
  for (const spl::Name& name : names) {
    if (name.text.find('*') == std::string::npos) {
      add(name.text);
      continue;
    }
    for (const Field& field : rows.fields) {
      if (matches_wildcard(name.text, field.name)) add(field.name);
    }
  }
  return out;
}

void Planner::expand_list(Rows& rows, const std::string& field, std::uint64_t limit) {
  const Value value = rows.value(field);
  if (value.kind != Kind::kList) return;
  std::string list = value.sql;
  if (limit > 0) list = fmt::format("list_slice({}, 1, {})", list, limit);
  NewColumns columns(*this, rows);
  // A row without values stays.
  rows.set(field, columns.add(
                      {fmt::format("unnest(CASE WHEN len({0}) > 0 THEN {0} ELSE [NULL] END)", list),
                       Kind::kText}));
  columns.done();
}

Rows Planner::joined(const Rows& first, const Rows& second) {
  Rows out;
  out.are_events = first.are_events && second.are_events;
  out.is_ordered = true;
  std::string left;
  std::string right;
  const auto add = [&](const std::string& name, const Value& a, const Value& b, bool is_shown) {
    const Kind kind = common_kind(a.kind, b.kind);
    const std::string column = new_column();
    left += fmt::format("{} AS {}, ", as_kind(a, kind), column);
    right += fmt::format("{} AS {}, ", as_kind(b, kind), column);
    out.fields.push_back({name, {column, kind == Kind::kNull ? Kind::kText : kind}, is_shown});
  };
  for (const Field& field : first.fields) {
    const Field* other = second.find(field.name);
    add(field.name, field.value, second.value(field.name),
        field.is_shown || (other != nullptr && other->is_shown));
  }
  for (const Field& field : second.fields) {
    if (first.find(field.name) == nullptr)
      add(field.name, first.value(field.name), field.value, field.is_shown);
  }
  const std::string part = new_column();
  const std::string place = new_column();
  const auto select = [&](const std::string& columns, const Rows& rows, int number) {
    return fmt::format("SELECT {}{} AS {}, row_number() OVER ({}) AS {} FROM {}", columns, number,
                       part, rows.order_clause(), place, rows.from);
  };
  out.from = add_step(select(left, first, 0) + " UNION ALL " + select(right, second, 1));
  out.order = {{part, false}, {place, false}};
  return out;
}

spl::Parsed<Value> Planner::expression_of(const Rows& rows, const spl::Expression& expression) {
  return ExpressionSql(
             bindings_, [&rows](const std::string& name) { return rows.value(name); }, input_.now)
      .compile(expression);
}

spl::Parsed<std::string> Planner::condition_of(const Rows& rows, const spl::Condition& condition) {
  const FieldLookup field = [&rows](const std::string& name) { return rows.value(name); };
  const auto subsearch = [&](const spl::Search& search, std::size_t offset) {
    return subsearch_condition(field, search, offset);
  };
  return ConditionSql(bindings_, {field, nullptr, subsearch}).compile(condition);
}

spl::Parsed<std::string> Planner::subsearch_condition(const FieldLookup& field_of,
                                                      const spl::Search& search,
                                                      std::size_t offset) {
  LIVEDATA_TRY(const Rows found, rows_of(search));
  std::string keys;
  std::string columns;
  for (const Field& field : found.fields) {
    if (!field.is_shown || field.name == "_time" || field.name == "_raw") continue;
    keys += (keys.empty() ? "" : ", ") + as_text(field_of(field.name));
    columns += (columns.empty() ? "" : ", ") + as_text(field.value);
  }
  if (keys.empty() || found.are_events)
    return spl::mistake(offset, "a subsearch ends with the fields that it gives: table or stats");
  return fmt::format("(({}) IN (SELECT ({}) FROM {}))", keys, columns, found.from);
}

Planner::Done Planner::check_size(std::size_t offset) const {
  constexpr std::size_t kMost = std::size_t{2} << 20U;
  if (bytes_ <= kMost) return {};
  return spl::mistake(offset, "the search is too large to be planned");
}

Planner::Done Planner::apply(Rows& rows, const spl::Command& command) {
  LIVEDATA_RETURN_IF_ERROR(
      std::visit([&](const auto& body) { return run(rows, body); }, command.body));
  if (depth_ == 1) told_.push_back({print(command)});
  return check_size(command.offset);
}

spl::Parsed<Rows> Planner::rows_of(const spl::Search& search) {
  ++depth_;
  const spl::CommandBody& first = search.commands.front().body;
  Rows rows;
  if (const auto* lookup = std::get_if<spl::InputlookupCommand>(&first)) {
    LIVEDATA_TRY(rows, lookup_rows(lookup->table));
    spl::InputlookupCommand rest = *lookup;
    if (rest.where != nullptr) {
      LIVEDATA_TRY(const std::string condition, condition_of(rows, *rest.where));
      filter(rows, condition);
    }
    if (rest.max > 0)
      rows.from = add_step(
          fmt::format("SELECT * FROM {}{} LIMIT {}", rows.from, rows.order_clause(), rest.max));
    if (depth_ == 1) told_.push_back({print(search.commands.front())});
  } else {
    LIVEDATA_TRY(rows, scan(search, *std::get<spl::SearchCommand>(first).condition));
  }
  for (std::size_t i = 1; i < search.commands.size(); ++i)
    LIVEDATA_RETURN_IF_ERROR(apply(rows, search.commands[i]));
  --depth_;
  return rows;
}

std::string Planner::text_of(const Rows& rows, const std::string& select) const {
  std::string out = "WITH ";
  for (const std::string& step : steps_) out += (out.size() > 5 ? ", " : "") + step;
  return fmt::format("{} SELECT {} FROM {}", out, select, rows.from);
}

std::string Planner::final_text(const Rows& rows) {
  std::string select;
  for (const Field& field : rows.fields) {
    if (!field.is_shown) continue;
    const std::string value =
        field.value.kind == Kind::kNull ? "CAST(NULL AS VARCHAR)" : field.value.sql;
    select +=
        fmt::format("{}{} AS {}", select.empty() ? "" : ", ", value, quoted_identifier(field.name));
  }
  if (select.empty()) select = "NULL AS \"_time\"";
  const bool is_ordered = rows.is_ordered || (input_.limit && !rows.order.empty());
  return text_of(rows, select) + (is_ordered ? rows.order_clause() : "") +
         (input_.limit ? fmt::format(" LIMIT {}", *input_.limit + 1) : "");
}

spl::Parsed<Plan> Planner::plan(const spl::Search& search) {
  LIVEDATA_TRY(range_, range_of(search));
  LIVEDATA_TRY(const Rows rows, rows_of(search));
  Plan plan;
  plan.sql = final_text(rows);
  plan.parameters = bindings_.used_in(plan.sql);
  plan.range = range_;
  plan.steps = std::move(told_);
  return plan;
}

}  // namespace livedata::query::sql::search
