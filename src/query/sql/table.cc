#include "query/sql/table.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "model/service_name.h"

namespace livedata::query::sql {
namespace {

constexpr std::string_view kLevelAttribute = "detected_level";

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

ColumnType type_of(FieldType type) {
  switch (type) {
    case FieldType::kInt64:
      return ColumnType::kInteger;
    case FieldType::kDouble:
      return ColumnType::kDouble;
    case FieldType::kBool:
      return ColumnType::kBool;
    case FieldType::kString:
      break;
  }
  return ColumnType::kText;
}

/// The type that holds the values of both: integers widen to doubles, all else is text.
ColumnType common_type(ColumnType a, ColumnType b) {
  if (a == b) return a;
  const auto is_number = [](ColumnType type) {
    return type == ColumnType::kInteger || type == ColumnType::kDouble;
  };
  return is_number(a) && is_number(b) ? ColumnType::kDouble : ColumnType::kText;
}

struct Attribute {
  Column column;
  std::uint64_t rows = 0;
};

/// Labels and fields by name, each with the type of all that it can be.
std::map<std::string, Attribute> find_attributes(const storage::ColumnNames& names) {
  std::map<std::string, Attribute> found;
  for (const auto& [label, rows] : names.labels) {
    Attribute& attribute = found[label];
    attribute.column = {label, ColumnType::kText, ColumnOrigin::kAttribute, label, true, false};
    attribute.rows = rows;
  }
  for (const auto& [field, rows] : names.fields) {
    const auto& [name, field_type] = field;
    const ColumnType type = type_of(field_type);
    const auto [slot, is_new] = found.try_emplace(name);
    Column& column = slot->second.column;
    if (is_new) {
      column = {name, type, ColumnOrigin::kAttribute, name, false, true};
    } else {
      column.type = common_type(column.type, type);
      column.has_field = true;
    }
    slot->second.rows += rows;
  }
  return found;
}

/// The attributes that become columns, in their order: labels first, then by name. Of too many,
/// those that most records have.
std::vector<Column> choose_columns(const storage::ColumnNames& names,
                                   const std::vector<Column>& fixed,
                                   const std::set<std::string>& hidden) {
  std::vector<Attribute> attributes;
  for (auto& [name, attribute] : find_attributes(names)) {
    if (!hidden.contains(name)) attributes.push_back(std::move(attribute));
  }
  std::stable_sort(attributes.begin(), attributes.end(),
                   [](const Attribute& a, const Attribute& b) { return a.rows > b.rows; });
  if (attributes.size() > kMaxColumns) attributes.resize(kMaxColumns);
  std::sort(attributes.begin(), attributes.end(), [](const Attribute& a, const Attribute& b) {
    return a.column.has_label != b.column.has_label ? a.column.has_label
                                                    : a.column.name < b.column.name;
  });
  std::set<std::string> taken;
  for (const Column& column : fixed) taken.insert(column.name);
  std::vector<Column> columns;
  for (Attribute& attribute : attributes) {
    if (taken.insert(in_lower_case(attribute.column.name)).second)
      columns.push_back(std::move(attribute.column));
  }
  return columns;
}

LabelMatcher matcher(std::string_view name, MatchOp op, std::string_view value) {
  auto made = LabelMatcher::make(std::string(name), op, std::string(value));
  LIVEDATA_CHECK(made.has_value());  // only a regex can fail
  return *std::move(made);
}

Table make_table(std::string name, std::vector<Column> first, const storage::ColumnNames& names,
                 const std::set<std::string>& hidden, std::vector<LabelMatcher> streams) {
  const Column labels{"labels", ColumnType::kMap, ColumnOrigin::kLabels};
  const Column fields{"fields", ColumnType::kMap, ColumnOrigin::kFields};
  std::vector<Column> fixed = first;
  fixed.push_back(labels);
  fixed.push_back(fields);
  Table table{std::move(name), std::move(first), std::move(streams), names.rows};
  for (Column& column : choose_columns(names, fixed, hidden))
    table.columns.push_back(std::move(column));
  table.columns.push_back(labels);
  table.columns.push_back(fields);
  return table;
}

Table make_logs(const storage::ColumnNames& names) {
  std::vector<Column> first = {
      {"time", ColumnType::kTime, ColumnOrigin::kTime},
      {"service", ColumnType::kText, ColumnOrigin::kAttribute, std::string(kServiceNameLabel), true,
       false},
      {"level", ColumnType::kText, ColumnOrigin::kLevel, std::string(kLevelAttribute), true, true},
      {"line", ColumnType::kText, ColumnOrigin::kLine}};
  return make_table("logs", std::move(first), names,
                    {std::string(kServiceNameLabel), std::string(kLevelAttribute)},
                    {matcher(kServiceNameLabel, MatchOp::kNotEqual, "")});
}

Table make_source(const std::string& source, const storage::ColumnNames& names) {
  return make_table(in_lower_case(source), {{"time", ColumnType::kTime, ColumnOrigin::kTime}},
                    names, {std::string(kMetricSourceLabel)},
                    {matcher(kServiceNameLabel, MatchOp::kEqual, ""),
                     matcher(kMetricSourceLabel, MatchOp::kEqual, source)});
}

/// All metrics, with the labels that they have in common: a field's type may differ by source.
Table make_metrics(const storage::ColumnCensus& census) {
  storage::ColumnNames all;
  for (const auto& [group, names] : census.groups) {
    if (group.empty()) continue;
    all.rows += names.rows;
    for (const auto& [label, rows] : names.labels) all.labels[label] += rows;
  }
  return make_table("metrics",
                    {{"time", ColumnType::kTime, ColumnOrigin::kTime},
                     {"source", ColumnType::kText, ColumnOrigin::kAttribute,
                      std::string(kMetricSourceLabel), true, false}},
                    all, {std::string(kMetricSourceLabel)},
                    {matcher(kServiceNameLabel, MatchOp::kEqual, ""),
                     matcher(kMetricSourceLabel, MatchOp::kNotEqual, "")});
}

}  // namespace

std::vector<Table> make_tables(const storage::ColumnCensus& census) {
  std::vector<Table> tables;
  const auto logs = census.groups.find("");
  tables.push_back(make_logs(logs == census.groups.end() ? storage::ColumnNames() : logs->second));
  tables.push_back(make_metrics(census));
  std::set<std::string> taken = {"logs", "metrics"};
  for (const auto& [source, names] : census.groups) {
    if (source.empty() || tables.size() >= kMaxSources + 2 ||
        !taken.insert(in_lower_case(source)).second)
      continue;
    tables.push_back(make_source(source, names));
  }
  return tables;
}

}  // namespace livedata::query::sql
