// stats, eventstats, streamstats, top and rare.
#include <algorithm>

#include <fmt/format.h>

#include "query/sql/search/planner.h"

namespace livedata::query::sql::search {
namespace {

std::string key_of(const Value& value) {
  return value.kind == Kind::kList || value.kind == Kind::kMap ? as_text(value) : value.sql;
}

}  // namespace

spl::Parsed<std::vector<Planner::Summary>> Planner::summaries(
    const Rows& rows, const std::vector<spl::Aggregation>& made, bool is_window,
    std::optional<double> seconds) {
  std::vector<Summary> out;
  for (const spl::Aggregation& one : made) {
    AggregateInput input{.time = rows.value("_time"),
                         .order = is_window ? "" : rows.order_clause(),
                         .seconds = seconds};
    if (is_window) input.number = rows.order.front().column;
    if (one.argument != nullptr) {
      LIVEDATA_TRY(input.argument, expression_of(rows, *one.argument));
    }
    LIVEDATA_TRY(Aggregate aggregate, make_aggregate(one, input));
    out.push_back({one.name, std::move(aggregate)});
  }
  return out;
}

Planner::Done Planner::run(Rows& rows, const spl::StatsCommand& command) {
  if (command.kind == spl::StatsKind::kStreamstats) return stream_stats(rows, command);
  // Each value of a list is a group of its own.
  if (command.kind == spl::StatsKind::kStats) {
    for (const spl::Name& name : command.by) expand_list(rows, name.text, 0);
  }
  if (command.kind == spl::StatsKind::kEventstats) return event_stats(rows, command);
  LIVEDATA_TRY(const std::vector<Summary> made, summaries(rows, command.aggregations, false));
  Rows out;
  std::string select;
  std::string by;
  std::string where;
  const auto add = [&](const std::string& name, const Value& value) {
    const std::string column = new_column();
    const bool is_null = value.kind == Kind::kNull;
    select += fmt::format("{}{} AS {}", select.empty() ? "" : ", ",
                          is_null ? "CAST(NULL AS VARCHAR)" : value.sql, column);
    out.set(name, {column, is_null ? Kind::kText : value.kind});
    return column;
  };
  for (const spl::Name& name : command.by) {
    const Value value = rows.value(name.text);
    if (value.kind == Kind::kNull) {
      // Nothing has the field, so there is no group.
      out.order.push_back({add(name.text, value), false});
      where += (where.empty() ? " WHERE " : " AND ") + std::string("FALSE");
      continue;
    }
    const std::string key = key_of(value);
    const Kind kind = value.kind == Kind::kMap ? Kind::kText : value.kind;
    out.order.push_back({add(name.text, {key, kind}), false});
    by += (by.empty() ? " GROUP BY " : ", ") + key;
    where += (where.empty() ? " WHERE " : " AND ") + key + " IS NOT NULL";
  }
  for (const Summary& one : made) add(one.name, one.aggregate.grouped());
  if (by.empty() && !command.by.empty()) by = " GROUP BY ALL";
  out.from = add_step(fmt::format("SELECT {} FROM {}{}{}", select, rows.from, where, by));
  out.is_ordered = !out.order.empty();
  rows = std::move(out);
  return {};
}

Planner::Done Planner::event_stats(Rows& rows, const spl::StatsCommand& command) {
  LIVEDATA_TRY(const std::vector<Summary> made, summaries(rows, command.aggregations, false));
  rows.from = add_step("SELECT * FROM " + rows.from, true);  // it is read twice
  std::string select;
  std::string by;
  std::string on;
  for (const spl::Name& name : command.by) {
    const Value value = rows.value(name.text);
    const std::string key = value.kind == Kind::kNull ? "CAST(NULL AS VARCHAR)" : key_of(value);
    const std::string column = new_column();
    select += fmt::format("{}{} AS {}", select.empty() ? "" : ", ", key, column);
    by += (by.empty() ? " GROUP BY " : ", ") + key;
    on += fmt::format("{}{} = {}", on.empty() ? "" : " AND ", column, key);
  }
  Rows out = rows;
  std::string joined_columns;
  for (const Summary& one : made) {
    const std::string column = new_column();
    const Value value = one.aggregate.grouped();
    select += fmt::format("{}{} AS {}", select.empty() ? "" : ", ", value.sql, column);
    joined_columns += ", " + column;
    out.set(one.name, {column, value.kind});
  }
  const std::string groups = add_step(fmt::format("SELECT {} FROM {}{}", select, rows.from, by));
  out.from = add_step(fmt::format("SELECT {0}.*{1} FROM {0} LEFT JOIN {2} ON {3}", rows.from,
                                  joined_columns, groups, on.empty() ? "TRUE" : on));
  rows = std::move(out);
  return {};
}

Planner::Done Planner::stream_stats(Rows& rows, const spl::StatsCommand& command) {
  number_rows(rows);
  LIVEDATA_TRY(const std::vector<Summary> made, summaries(rows, command.aggregations, true));
  std::string partition;
  for (const spl::Name& name : command.by) {
    const Value value = rows.value(name.text);
    if (value.kind != Kind::kNull)
      partition += (partition.empty() ? "PARTITION BY " : ", ") + key_of(value);
  }
  const std::uint64_t window = command.window.value_or(0);
  const std::uint64_t back = command.includes_current && window > 0 ? window - 1 : window;
  const std::string over = fmt::format(
      "OVER ({}{} ROWS BETWEEN {} AND {})", partition, rows.order_clause(),
      window == 0 ? std::string("UNBOUNDED PRECEDING") : fmt::format("{} PRECEDING", back),
      command.includes_current ? "CURRENT ROW" : "1 PRECEDING");
  NewColumns columns(*this, rows);
  for (const Summary& one : made) rows.set(one.name, columns.add(one.aggregate.over(over)));
  columns.done();
  return {};
}

Planner::Done Planner::run(Rows& rows, const spl::TopCommand& command) {
  std::string select;
  std::string keys;
  std::string where;
  std::string partition;
  Rows out;
  std::vector<OrderKey> by_order;
  std::vector<OrderKey> field_order;
  for (const auto* names : {&command.by, &command.fields}) {
    for (const spl::Name& name : *names) {
      expand_list(rows, name.text, 0);
      const Value value = rows.value(name.text);
      const std::string key = value.kind == Kind::kNull ? "CAST(NULL AS VARCHAR)" : key_of(value);
      const std::string column = new_column();
      select += fmt::format("{} AS {}, ", key, column);
      keys += (keys.empty() ? "" : ", ") + key;
      where += (where.empty() ? "" : " AND ") + key + " IS NOT NULL";
      const bool is_by = names == &command.by;
      if (is_by) partition += (partition.empty() ? "PARTITION BY " : ", ") + column;
      (is_by ? by_order : field_order).push_back({column, false});
      out.set(name.text,
              {column,
               value.kind == Kind::kNull || value.kind == Kind::kMap ? Kind::kText : value.kind});
    }
  }
  const std::string count = new_column();
  out.from = add_step(fmt::format("SELECT {}count(*) AS {} FROM {} WHERE {} GROUP BY {}", select,
                                  count, rows.from, where, keys));
  out.order = by_order;
  out.order.push_back({count, !command.is_rare});
  out.order.insert(out.order.end(), field_order.begin(), field_order.end());
  out.is_ordered = true;
  NewColumns columns(*this, out);
  const Value percent = columns.add(
      {fmt::format("100.0 * {0} / sum({0}) OVER ({1})", count, partition), Kind::kDouble});
  const Value place = columns.add(
      {fmt::format("row_number() OVER ({} {})", partition, out.order_clause()), Kind::kInteger});
  columns.done();
  if (command.limit > 0) filter(out, fmt::format("{} <= {}", place.sql, command.limit));
  if (command.shows_count) out.set(command.count_name, {count, Kind::kInteger});
  if (command.shows_percent) out.set(command.percent_name, percent);
  rows = std::move(out);
  return {};
}

}  // namespace livedata::query::sql::search
