// Commands that bring rows together: join, append, transaction.
#include <algorithm>

#include <fmt/format.h>

#include "query/sql/search/planner.h"

namespace livedata::query::sql::search {

Planner::Done Planner::run(Rows& rows, const spl::AppendCommand& command) {
  LIVEDATA_TRY(const Rows other, rows_of(*command.search));
  rows = joined(rows, other);
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::JoinCommand& command) {
  LIVEDATA_TRY(Rows other, rows_of(*command.search));
  std::string keys;
  std::string on;
  std::string are_there;
  for (const spl::Name& name : command.fields) {
    const std::string left = as_text(rows.value(name.text));
    const std::string right = as_text(other.value(name.text));
    keys += (keys.empty() ? "" : ", ") + right;
    on += fmt::format("{}{} = {}", on.empty() ? "" : " AND ", left, right);
    are_there += fmt::format("{}{} IS NOT NULL", are_there.empty() ? "" : " AND ", right);
  }
  filter(other, are_there);
  if (command.max > 0) {
    NewColumns columns(*this, other);
    const Value place = columns.add(
        {fmt::format("row_number() OVER (PARTITION BY {}{})", keys, other.order_clause()),
         Kind::kInteger});
    columns.done();
    filter(other, fmt::format("{} <= {}", place.sql, command.max));
  }
  Rows out = rows;
  std::string select;
  for (const Field& field : other.fields) {
    const bool is_key = std::any_of(command.fields.begin(), command.fields.end(),
                                    [&](const spl::Name& name) { return name.text == field.name; });
    // What records are made of stays that of the left side.
    const bool is_own =
        field.name == "_time" || field.name == "_raw" || field.value.kind == Kind::kMap;
    if (!field.is_shown || is_key || (is_own && rows.find(field.name) != nullptr)) continue;
    const Value old = rows.value(field.name);
    const Kind kind = common_kind(field.value.kind, old.kind);
    const std::string column = new_column();
    const std::string value =
        old.kind == Kind::kNull
            ? field.value.sql
            : fmt::format("coalesce({}, {})", as_kind(field.value, kind), as_kind(old, kind));
    select += fmt::format(", {} AS {}", value, column);
    out.set(field.name, {column, kind});
  }
  out.from =
      add_step(fmt::format("SELECT {}.*{} FROM {} {} JOIN {} ON {}", rows.from, select, rows.from,
                           command.keeps_unmatched ? "LEFT" : "INNER", other.from, on));
  rows = std::move(out);
  return {};
}

/// Rows of equal fields in the order of their time, cut where a pause is too long and where a
/// condition says so; then by the span and the number of rows, counted from each beginning.
Planner::Done Planner::run(Rows& rows, const spl::TransactionCommand& command) {
  const Value time = rows.value("_time");
  if (time.kind == Kind::kNull)
    return spl::mistake(0, "transaction needs _time, which the rows don't have");
  std::string partition;
  std::string are_there;
  for (const spl::Name& name : command.fields) {
    const std::string key = as_text(rows.value(name.text));
    partition += (partition.empty() ? "PARTITION BY " : ", ") + key;
    are_there += (are_there.empty() ? "" : " AND ") + key + " IS NOT NULL";
  }
  if (!are_there.empty()) filter(rows, are_there);
  rows.order = {{time.sql, false}};
  number_rows(rows);
  const std::string ns = fmt::format("epoch_ns({})", as_time(time));
  const auto window = [&](const std::string& more) {
    return fmt::format("OVER ({}{}{}{})", partition, partition.empty() || more.empty() ? "" : ", ",
                       partition.empty() && !more.empty() ? "PARTITION BY " + more : more,
                       rows.order_clause());
  };
  std::string begins = "FALSE";
  if (command.max_pause_ns)
    begins += fmt::format(" OR {0} - lag({0}) {1} > {2}", ns, window(""), *command.max_pause_ns);
  if (command.starts_with != nullptr) {
    LIVEDATA_TRY(const std::string condition, condition_of(rows, *command.starts_with));
    begins += fmt::format(" OR coalesce({}, FALSE)", condition);
  }
  if (command.ends_with != nullptr) {
    LIVEDATA_TRY(const std::string condition, condition_of(rows, *command.ends_with));
    begins += fmt::format(" OR coalesce(lag({}) {}, FALSE)", condition, window(""));
  }
  NewColumns columns(*this, rows);
  const Value is_first = columns.add(
      {fmt::format("CASE WHEN coalesce({}, FALSE) THEN 1 ELSE 0 END", begins), Kind::kInteger});
  columns.done();
  std::string group =
      columns.add({fmt::format("sum({}) {}", is_first.sql, window("")), Kind::kInteger}).sql;
  columns.done();
  if (command.max_span_ns) {
    const std::string span = columns
                                 .add({fmt::format("({0} - min({0}) {1}) // {2}", ns, window(group),
                                                   *command.max_span_ns + 1),
                                       Kind::kInteger})
                                 .sql;
    columns.done();
    group += ", " + span;
  }
  const std::string place =
      columns
          .add({fmt::format("(row_number() {} - 1) // {}", window(group), command.max_events),
                Kind::kInteger})
          .sql;
  columns.done();
  group += ", " + place;
  Rows out;
  std::string select;
  const auto add = [&](const std::string& name, const std::string& sql, Kind kind) {
    const std::string column = new_column();
    select += fmt::format("{}{} AS {}", select.empty() ? "" : ", ", sql, column);
    out.set(name, {column, kind});
    return column;
  };
  const std::string start = add("_time", fmt::format("min({})", time.sql), time.kind);
  const Value raw = rows.value("_raw");
  if (raw.kind != Kind::kNull)
    add("_raw", fmt::format("string_agg({}, chr(10){})", as_text(raw), rows.order_clause()),
        Kind::kText);
  add("duration", fmt::format("(max({0}) - min({0})) / 1e9", ns), Kind::kDouble);
  add("eventcount", "count(*)", Kind::kInteger);
  std::string by =
      partition.empty() ? "" : partition.substr(std::string_view("PARTITION BY ").size()) + ", ";
  for (const spl::Name& name : command.fields)
    add(name.text, as_text(rows.value(name.text)), Kind::kText);
  for (const Field& field : rows.fields) {
    if (!field.is_shown || out.find(field.name) != nullptr || field.value.kind == Kind::kMap)
      continue;
    if (field.value.kind == Kind::kList || field.value.kind == Kind::kNull) continue;
    const std::string text = as_text(field.value);
    const std::string all =
        fmt::format("list_sort(list(DISTINCT {0}) FILTER (WHERE {0} IS NOT NULL))", text);
    add(field.name, all, Kind::kList);
  }
  out.from = add_step(fmt::format("SELECT {} FROM {} GROUP BY {}{}", select, rows.from, by, group));
  out.order = {{start, true}};
  out.is_ordered = true;
  rows = std::move(out);
  return {};
}

}  // namespace livedata::query::sql::search
