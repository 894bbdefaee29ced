#include "query/sql/table.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace livedata::query::sql {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

const Column& column_of(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const Column& column) { return column.name == name; });
  EXPECT_NE(found, table.columns.end()) << name;
  return *found;
}

storage::ColumnCensus logs_with(storage::ColumnNames names) {
  storage::ColumnCensus census;
  names.rows = 10;
  census.groups[""] = std::move(names);
  return census;
}

TEST(TableTest, LogsAndMetricsAreAlwaysThere) {
  const std::vector<Table> tables = make_tables({});
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_THAT(names_of(tables[0]),
              ElementsAre("time", "service", "level", "line", "labels", "fields"));
  EXPECT_THAT(names_of(tables[1]), ElementsAre("time", "source", "labels", "fields"));
}

TEST(TableTest, LabelsComeFirstThenFieldsByName) {
  const auto tables =
      make_tables(logs_with({.labels = {{"service_name", 9}, {"zone", 1}, {"host", 9}},
                             .fields = {{{"b", FieldType::kInt64}, 1},
                                        {{"a", FieldType::kBool}, 1},
                                        {{"detected_level", FieldType::kString}, 9}}}));
  EXPECT_THAT(names_of(tables[0]), ElementsAre("time", "service", "level", "line", "host", "zone",
                                               "a", "b", "labels", "fields"));
}

TEST(TableTest, TypesThatDifferBecomeOne) {
  const auto tables = make_tables(logs_with({.labels = {{"shared", 1}},
                                             .fields = {{{"mixed", FieldType::kInt64}, 1},
                                                        {{"mixed", FieldType::kString}, 1},
                                                        {{"number", FieldType::kInt64}, 1},
                                                        {{"number", FieldType::kDouble}, 1},
                                                        {{"shared", FieldType::kInt64}, 1},
                                                        {{"truth", FieldType::kBool}, 1},
                                                        {{"truth", FieldType::kInt64}, 1},
                                                        {{"whole", FieldType::kInt64}, 1}}}));
  EXPECT_EQ(column_of(tables[0], "mixed").type, ColumnType::kText);
  EXPECT_EQ(column_of(tables[0], "number").type, ColumnType::kDouble);
  EXPECT_EQ(column_of(tables[0], "shared").type, ColumnType::kText);
  EXPECT_FALSE(column_of(tables[0], "shared").is_label_only());
  EXPECT_EQ(column_of(tables[0], "truth").type, ColumnType::kText);
  EXPECT_EQ(column_of(tables[0], "whole").type, ColumnType::kInteger);
}

TEST(TableTest, HiddenNamesStayInTheMaps) {
  const auto tables = make_tables(
      logs_with({.labels = {{"Line", 1}, {"level", 1}, {"TIME", 1}, {"labels", 1}, {"host", 1}},
                 .fields = {{{"Host", FieldType::kString}, 1}}}));
  EXPECT_THAT(names_of(tables[0]),
              ElementsAre("time", "service", "level", "line", "host", "labels", "fields"));
}

TEST(TableTest, ColumnsAreBoundedByHowManyRecordsHaveThem) {
  storage::ColumnNames names;
  for (int i = 0; i < 1000; ++i)
    names.fields[{"f" + std::to_string(i), FieldType::kInt64}] = i == 777 ? 1'000'000 : 1;
  const auto tables = make_tables(logs_with(names));
  EXPECT_EQ(tables[0].columns.size(), kMaxColumns + 6);
  EXPECT_EQ(column_of(tables[0], "f777").type, ColumnType::kInteger);
}

TEST(TableTest, SourcesHaveTablesOfTheirOwn) {
  storage::ColumnCensus census;
  for (const char* source : {"cpu", "CPU", "logs", "metrics", "my source"})
    census.groups[source].labels = {{"host", 1}, {"source", 1}};
  for (int i = 0; i < 1000; ++i) census.groups["s" + std::to_string(i)].rows = 1;
  const auto tables = make_tables(census);
  EXPECT_EQ(tables.size(), kMaxSources + 2);
  std::vector<std::string> names;
  for (const Table& table : tables) names.push_back(table.name);
  EXPECT_EQ(std::count(names.begin(), names.end(), "cpu"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "logs"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "metrics"), 1);
  EXPECT_THAT(names_of(tables[2]), ElementsAre("time", "host", "labels", "fields"));
}

}  // namespace
}  // namespace livedata::query::sql
