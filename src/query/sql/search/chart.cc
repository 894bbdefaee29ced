// chart and timechart. Which columns there are depends on the values of the second field: they are
// asked for by a query of their own, the greatest first. What comes in between is in OTHER.
#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "query/sql/search/planner.h"

namespace livedata::query::sql::search {
namespace {

constexpr std::int64_t kSecond = kNsPerSecond;
constexpr std::string_view kOther = "OTHER";
constexpr std::string_view kNull = "NULL";
constexpr std::size_t kMaxSeries = 200;

/// The field that a chart has a row for each value of.
std::string row_name(const spl::ChartCommand& command) {
  return command.over ? command.over->text : "_time";
}

double seconds_of(const spl::Span& span) {
  constexpr double kMonth = 30 * 86400;
  if (span.unit == spl::Span::Unit::kNumber) return span.number;
  const auto count = static_cast<double>(span.count);
  return span.unit == spl::Span::Unit::kMonths ? count * kMonth
                                               : count / static_cast<double>(kSecond);
}

}  // namespace

/// The smallest of the usual spans that cuts the range into 100 or fewer.
spl::Span Planner::default_span() const {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 14> kSpans = {
      {{1, "1s"},
       {5, "5s"},
       {10, "10s"},
       {30, "30s"},
       {60, "1m"},
       {300, "5m"},
       {600, "10m"},
       {1800, "30m"},
       {3600, "1h"},
       {4 * 3600, "4h"},
       {8 * 3600, "8h"},
       {86400, "1d"},
       {7 * 86400, "1w"},
       {28 * 86400, "4w"}}};
  const double start = static_cast<double>(range_.start) / kSecond;
  const double seconds = static_cast<double>(std::min(range_.end, input_.now)) / kSecond - start;
  constexpr double kMost = 100;
  for (const auto& [span, name] : kSpans) {
    if (seconds / static_cast<double>(span) > kMost) continue;
    return {
        .unit = spl::Span::Unit::kNanoseconds, .count = span * kSecond, .text = std::string(name)};
  }
  return {.unit = spl::Span::Unit::kMonths, .count = 1, .text = "1mon"};
}

Value Planner::binned(const Value& value, const spl::Span& span) {
  switch (span.unit) {
    case spl::Span::Unit::kMonths: {
      const std::string time = fmt::format("CAST({} AS TIMESTAMP)", as_time(value));
      return {fmt::format("CAST(make_timestamp(CAST((year({0}) * 12 + month({0}) - 1) // {1} * {1} "
                          "// 12 AS BIGINT), "
                          "CAST((year({0}) * 12 + month({0}) - 1) // {1} * {1} % 12 + 1 AS "
                          "BIGINT), 1, 0, 0, 0) AS TIMESTAMP_NS)",
                          time, span.count),
              Kind::kTime};
    }
    case spl::Span::Unit::kNanoseconds: {
      // Weeks begin on Sunday.
      const std::int64_t week = 7 * 86400 * kSecond;
      const std::int64_t shift = span.count % week == 0 ? 4 * 86400 * kSecond : 0;
      return {fmt::format(
                  "make_timestamp_ns(epoch_ns({0}) - ((epoch_ns({0}) + {1}) % {2} + {2}) % {2})",
                  as_time(value), shift, span.count),
              Kind::kTime};
    }
    case spl::Span::Unit::kNumber:
      break;
  }
  if (value.kind == Kind::kTime)
    return binned(value, {.unit = spl::Span::Unit::kNanoseconds,
                          .count = std::max<std::int64_t>(
                              1, static_cast<std::int64_t>(std::min(span.number, 9e9) * 1e9)),
                          .text = span.text});
  const std::string width = fmt::format("CAST({} AS DOUBLE)", bindings_.add(span.number));
  return {fmt::format("(floor(CAST({0} AS DOUBLE) / {1}) * {1})", as_number(value), width),
          Kind::kDouble};
}

spl::Parsed<std::vector<Planner::Series>> Planner::series_of(const Rows& rows,
                                                             const spl::ChartCommand& command,
                                                             const Value& row, const Value& by) {
  const std::string text = as_text(by);
  const std::size_t limit = command.limit == 0 ? kMaxSeries : command.limit;
  // Ranked by the sum of the first function, as far as it is a number.
  LIVEDATA_TRY(const std::vector<Summary> made, summaries(rows, command.aggregations, false, 1));
  const std::string score =
      fmt::format("CAST({} AS DOUBLE)", as_number(made.front().aggregate.grouped()));
  Query query;
  query.text = text_of(rows, fmt::format("{} AS name", text)) +
               fmt::format(
                   " WHERE {} IS NOT NULL AND {} IS NOT NULL GROUP BY 1 ORDER BY {} DESC NULLS "
                   "LAST, 1 LIMIT {}",
                   row.sql, text, score, limit + 1);
  query.parameters = bindings_.used_in(query.text);
  query.is_generated = true;
  LIVEDATA_TRY(std::vector<std::string> names, input_.ask(query));
  const bool has_more = names.size() > limit;
  if (has_more) names.resize(limit);
  std::sort(names.begin(), names.end());
  std::vector<Series> series;
  std::string known;
  for (const std::string& name : names) {
    const std::string value = bindings_.add(name);
    series.push_back({name, fmt::format("{} = {}", text, value)});
    known += (known.empty() ? "" : ", ") + value;
  }
  if (command.uses_other && has_more)
    series.push_back({std::string(kOther), fmt::format("{} NOT IN ({})", text, known)});
  if (command.uses_null) series.push_back({std::string(kNull), fmt::format("{} IS NULL", text)});
  return series;
}

void Planner::fill_gaps(Rows& rows, const spl::Span& span, const std::vector<bool>& are_counts) {
  constexpr std::int64_t kMostSteps = 10'000;
  const bool is_bounded = range_.start != std::numeric_limits<TimestampNs>::min() &&
                          range_.end != std::numeric_limits<TimestampNs>::max();
  if (!is_bounded || span.unit != spl::Span::Unit::kNanoseconds ||
      (range_.end - range_.start) / span.count > kMostSteps)
    return;
  const Value first =
      binned({fmt::format("make_timestamp_ns({})", range_.start), Kind::kTime}, span);
  const std::string step = new_column();
  const std::string times = add_step(fmt::format(
      "SELECT make_timestamp_ns(epoch_ns({}) + place * {}) AS {} FROM range(0, {}) AS steps(place) "
      "WHERE make_timestamp_ns(epoch_ns({}) + place * {}) < make_timestamp_ns({})",
      first.sql, span.count, step, (range_.end - range_.start) / span.count + 2, first.sql,
      span.count, range_.end));
  const std::string time = rows.value("_time").sql;
  std::string select = step;
  std::size_t i = 0;
  Rows out = rows;
  for (Field& field : out.fields) {
    if (field.name == "_time") {
      field.value.sql = step;
      continue;
    }
    const std::string column = new_column();
    const bool is_count = i < are_counts.size() && are_counts[i];
    ++i;
    select += is_count ? fmt::format(", coalesce({}, 0) AS {}", field.value.sql, column)
                       : fmt::format(", {} AS {}", field.value.sql, column);
    field.value.sql = column;
  }
  out.from = add_step(fmt::format("SELECT {} FROM {} LEFT JOIN {} ON {} = {}", select, times,
                                  rows.from, step, time));
  out.order = {{step, false}};
  rows = std::move(out);
}

/// What a chart's rows are, as a column that is not a list: steps of time, or values of a field.
spl::Parsed<Value> Planner::chart_key(Rows& rows, const spl::ChartCommand& command,
                                      const spl::Span& span) {
  Value key = rows.value(row_name(command));
  if (command.is_over_time && key.kind == Kind::kNull)
    return spl::mistake(command.aggregations.front().offset,
                        "timechart needs _time, which the rows don't have");
  if (command.is_over_time && key.kind != Kind::kTime) key = {as_time(key), Kind::kTime};
  const bool is_binned = command.is_over_time || (command.span && key.kind != Kind::kNull);
  if (key.kind == Kind::kNull) key = {"CAST(NULL AS VARCHAR)", Kind::kText};
  if (key.kind == Kind::kMap) key = {as_text(key), Kind::kText};
  NewColumns columns(*this, rows);
  Value added = columns.add(is_binned ? binned(key, span) : key);
  columns.done();
  return added;
}

/// The columns beside the key: the functions, or each of them for each series.
spl::Parsed<std::vector<Planner::ChartColumn>> Planner::chart_columns(
    const Rows& rows, const spl::ChartCommand& command, const Value& key,
    std::optional<double> seconds) {
  LIVEDATA_TRY(const std::vector<Summary> made,
               summaries(rows, command.aggregations, false, seconds));
  std::vector<Series> series = {{"", ""}};
  if (command.by) {
    Value by = rows.value(command.by->text);
    if (by.kind == Kind::kNull) by = {"CAST(NULL AS VARCHAR)", Kind::kText};
    LIVEDATA_TRY(series, series_of(rows, command, key, by));
  }
  std::vector<ChartColumn> columns;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const std::string& function = command.aggregations[i].function;
    const bool is_count =
        function == "count" || function == "c" || function == "dc" || function == "distinct_count";
    for (const Series& one : series) {
      std::string name = made[i].name;
      if (command.by)
        name = made.size() == 1 ? one.column_name : fmt::format("{}: {}", name, one.column_name);
      columns.push_back({std::move(name), made[i].aggregate.filtered(one.condition), is_count});
    }
  }
  return columns;
}

Planner::Done Planner::run(Rows& rows, const spl::ChartCommand& command) {
  if (command.by) expand_list(rows, command.by->text, 0);
  if (command.over) expand_list(rows, command.over->text, 0);
  const spl::Span span = command.span.value_or(default_span());
  LIVEDATA_TRY(const Value row, chart_key(rows, command, span));
  std::optional<double> seconds;
  if (command.is_over_time) seconds = seconds_of(span);
  LIVEDATA_TRY(const std::vector<ChartColumn> columns, chart_columns(rows, command, row, seconds));
  Rows out;
  const std::string key = new_column();
  std::string select = fmt::format("{} AS {}", row.sql, key);
  out.fields.push_back({row_name(command), {key, row.kind}, true});
  std::vector<bool> are_counts;
  for (const ChartColumn& one : columns) {
    const std::string column = new_column();
    select += fmt::format(", {} AS {}", one.value.sql, column);
    out.fields.push_back({one.name, {column, one.value.kind}, true});
    are_counts.push_back(one.is_count);
  }
  out.from = add_step(fmt::format("SELECT {} FROM {} WHERE {} IS NOT NULL GROUP BY {}", select,
                                  rows.from, row.sql, row.sql));
  out.order = {{key, false}};
  out.is_ordered = true;
  if (command.is_over_time && command.fills_gaps) fill_gaps(out, span, are_counts);
  rows = std::move(out);
  return check_size(command.aggregations.front().offset);
}

}  // namespace livedata::query::sql::search
