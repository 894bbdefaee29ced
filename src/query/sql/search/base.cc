// The first command: which table is scanned, what its columns are called in a search, and what the
// scan can do of the condition, which stands as it is in front of the scan's table: DuckDB hands it
// down (query/sql/scan_conditions).
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/time_format.h"
#include "model/service_name.h"
#include "query/spl/cursor.h"
#include "query/spl/field_names.h"
#include "query/spl/printer.h"
#include "query/spl/time_modifier.h"
#include "query/sql/search/json_path.h"
#include "query/sql/search/planner.h"

namespace livedata::query::sql::search {
namespace {

using spl::Condition;

constexpr std::string_view kLogs = "logs";
constexpr std::string_view kMetrics = "metrics";
constexpr TimestampNs kFirst = std::numeric_limits<TimestampNs>::min();
constexpr TimestampNs kLast = std::numeric_limits<TimestampNs>::max();

Kind kind_of(ColumnType type) {
  switch (type) {
    case ColumnType::kTime:
      return Kind::kTime;
    case ColumnType::kInteger:
      return Kind::kInteger;
    case ColumnType::kDouble:
      return Kind::kDouble;
    case ColumnType::kBool:
      return Kind::kBool;
    case ColumnType::kMap:
      return Kind::kMap;
    case ColumnType::kText:
      break;
  }
  return Kind::kText;
}

const Column* find_column(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [name](const Column& column) { return column.name == name; });
  return found == table.columns.end() ? nullptr : &*found;
}

/// What `name` is compared with where the condition stands by itself between ANDs; "" if it is not.
std::string required_value(const Condition& condition, std::string_view name) {
  if (condition.kind == Condition::Kind::kAnd) {
    for (const spl::ConditionPtr& child : condition.children) {
      std::string found = required_value(*child, name);
      if (!found.empty()) return found;
    }
  }
  const bool is_it = condition.kind == Condition::Kind::kCompare &&
                     condition.compare == spl::Compare::kEqual && condition.field.text == name;
  return is_it ? spl::lower(condition.values.front()) : std::string();
}

/// The columns of a table under the names of a search.
class TableFields {
 public:
  /// `index` is what the search calls the table.
  TableFields(const Table& table, std::string index, Bindings& bindings)
      : table_(table), index_(std::move(index)), bindings_(bindings) {}

  [[nodiscard]] bool has_lines() const { return find_column(table_, "line") != nullptr; }

  /// The column that has a name; else what a search calls so; else it is looked for in the line.
  Value find(const std::string& name) {
    if (const Column* column = named(name)) return value_of(*column);
    if (name == "index") return {bindings_.add(index_), Kind::kText};
    if (!has_lines()) {
      if (name == "source" || name == "sourcetype")
        return {bindings_.add(table_.name), Kind::kText};
      return {"NULL", Kind::kNull};
    }
    if (name.find('{') != std::string::npos) return listed(name);
    return {fmt::format("line_field(line, {})", bindings_.add(name)), Kind::kText};
  }
  /// Where find() looks into lines.
  [[nodiscard]] std::string line_of(const std::string& name) const {
    const bool is_in_line = named(name) == nullptr && name != "index" && has_lines();
    return is_in_line && name.find('{') == std::string::npos ? "line" : "";
  }

 private:
  [[nodiscard]] const Column* named(const std::string& name) const {
    if (name == "_time") return find_column(table_, "time");
    if (name == "_raw") return find_column(table_, "line");  // null for metrics
    if (const Column* column = find_column(table_, name)) {
      const bool is_ours = name == "time" || name == "line";
      if (!is_ours || column->origin == ColumnOrigin::kAttribute) return column;
    }
    if (name == kServiceNameLabel) return find_column(table_, "service");
    if (name == "detected_level") return find_column(table_, "level");
    if (has_lines() && name == "source") {
      const Column* file = find_column(table_, "filename");
      return file != nullptr ? file : find_column(table_, "service");
    }
    if (has_lines() && name == "sourcetype") return find_column(table_, "service");
    return nullptr;
  }
  static Value value_of(const Column& column) {
    return {quoted_identifier(column.name), kind_of(column.type)};
  }
  /// a{}.b: the members b of all elements of a.
  Value listed(const std::string& name) {
    return {fmt::format(
                "(CASE WHEN json_valid(line) THEN nullif(json_extract_string(line, {}), []) END)",
                bindings_.add(json_path(name))),
            Kind::kList};
  }

  const Table& table_;
  const std::string index_;
  Bindings& bindings_;
};

}  // namespace

const Table* Planner::find_table(std::string_view name) const {
  const auto found = std::find_if(input_.tables.begin(), input_.tables.end(),
                                  [name](const Table& table) { return table.name == name; });
  return found == input_.tables.end() ? nullptr : &*found;
}

/// index=metrics and the source's name as index are host metrics, everything else is logs.
const Table* Planner::table_of(const Condition& condition) const {
  const std::string index = required_value(condition, "index");
  if (index == kMetrics) {
    const Table* source = find_table(required_value(condition, "source"));
    return source != nullptr && source->name != kLogs ? source : find_table(kMetrics);
  }
  const Table* named = index.empty() ? nullptr : find_table(index);
  return named != nullptr ? named : find_table(kLogs);
}

spl::Parsed<TimeRange> Planner::range_of(const spl::Search& search) const {
  TimeRange range = depth_ == 0 ? input_.range : range_;
  const auto resolve = [&](const spl::Name& modifier) -> spl::Parsed<TimestampNs> {
    auto time = spl::resolve_time(modifier.text, input_.now);
    if (!time) return tl::unexpected(spl::Fault{std::move(time).error(), modifier.offset});
    return *time;
  };
  if (search.earliest) {
    LIVEDATA_TRY(range.start, resolve(*search.earliest));
    if (!search.latest && depth_ == 0) range.end = std::max(range.end, input_.now);
  }
  if (search.latest) {
    LIVEDATA_TRY(range.end, resolve(*search.latest));
  }
  if (search.earliest && search.latest && range.start >= range.end)
    return spl::mistake(search.latest->offset, "latest is not behind earliest");
  return range;
}

/// The fields that rows have before the first pipe, and the columns that make them.
Rows Planner::all_fields(const spl::Search& search, const Table& table, const FieldLookup& field,
                         std::string& select) {
  Rows rows;
  rows.are_events = true;
  const auto add = [&](const std::string& name, bool is_shown) {
    if (rows.find(name) != nullptr) return;
    const Value value = field(name);
    if (value.kind == Kind::kNull) return;
    const std::string column = new_column();
    select += fmt::format("{}{} AS {}", select.empty() ? "" : ", ", value.sql, column);
    rows.fields.push_back({name, {column, value.kind}, is_shown});
  };
  const bool has_lines = find_column(table, "line") != nullptr;
  add("_time", true);
  if (has_lines) {
    for (const char* name : {"_raw", "service", "level"}) add(name, true);
  }
  for (const std::string& name : spl::field_names(search))
    add(name, name != "index" && (has_lines || name != "source"));
  for (const Column& column : table.columns) {
    const bool is_told =
        column.origin == ColumnOrigin::kTime || column.origin == ColumnOrigin::kLine;
    // What is not named is in the maps of a log record; of a metric it is all there is.
    if (!is_told) add(column.name, (column.type == ColumnType::kMap) == has_lines);
  }
  return rows;
}

/// "... AND ", or "" for all times.
std::string Planner::time_condition(const TimeRange& range) {
  std::string out;
  if (range.start != kFirst)
    out += fmt::format("\"time\" >= make_timestamp_ns({}) AND ", bindings_.add(range.start));
  if (range.end != kLast)
    out += fmt::format("\"time\" < make_timestamp_ns({}) AND ", bindings_.add(range.end));
  return out;
}

spl::Parsed<Rows> Planner::scan(const spl::Search& search, const Condition& condition) {
  const Table* table = table_of(condition);
  if (table == nullptr) return spl::mistake(0, "there are no records");
  LIVEDATA_TRY(const TimeRange range, range_of(search));
  std::string index = required_value(condition, "index");
  if (find_table(index) == nullptr) index = table->name == kLogs ? "main" : "metrics";
  TableFields fields(*table, std::move(index), bindings_);
  const FieldLookup field = [&fields](const std::string& name) { return fields.find(name); };
  std::string select;
  Rows rows = all_fields(search, *table, field, select);
  const auto subsearch = [&](const spl::Search& inner, std::size_t offset) {
    return subsearch_condition(field, inner, offset);
  };
  ConditionSql conditions(
      bindings_, {field, [&](const std::string& name) { return fields.line_of(name); }, subsearch});
  LIVEDATA_TRY(const std::string where, conditions.compile(condition));
  rows.from = add_step(fmt::format("SELECT {} FROM {} WHERE {}{}", select,
                                   quoted_identifier(table->name), time_condition(range), where));
  if (const Field* time = rows.find("_time")) rows.order = {{time->value.sql, true}};
  if (depth_ != 1) return rows;
  std::string told = fmt::format("scan of {}: {}", table->name, print(condition));
  if (range.start != kFirst) told += ", from " + format_rfc3339(range.start);
  if (range.end != kLast) told += ", before " + format_rfc3339(range.end);
  told_.push_back({std::move(told)});
  return rows;
}

}  // namespace livedata::query::sql::search
