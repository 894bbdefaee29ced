#include "storage/census/column_census.h"

#include <gmock/gmock.h>

namespace livedata::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using FieldKey = std::pair<std::string, FieldType>;

TEST(ColumnCensusTest, TellsLogsAndSourcesApart) {
  RecordBatch batch;
  const auto log =
      batch.add_stream(Labels(std::vector<Label>{{"service_name", "api"}, {"host", "web1"}}));
  const auto cpu =
      batch.add_stream(Labels(std::vector<Label>{{"source", "cpu"}, {"host", "web1"}}));
  const auto nameless = batch.add_stream(Labels(std::vector<Label>{{"host", "web1"}}));
  batch.add(log, 1, "line", std::vector<Field>{{"trace_id", std::string_view("a")}});
  batch.add(cpu, 1, "", std::vector<Field>{{"busy_percent", 1.5}, {"cores", std::int64_t{2}}});
  batch.add(cpu, 2, "", std::vector<Field>{{"busy_percent", std::int64_t{1}}});
  batch.add(nameless, 1, "", std::vector<Field>{{"lost", true}});

  const ColumnCensus census = count_columns(batch);

  ASSERT_THAT(census.groups, ElementsAre(Key(""), Key("cpu")));
  const ColumnNames& logs = census.groups.at("");
  EXPECT_EQ(logs.rows, 1U);
  EXPECT_THAT(logs.labels, ElementsAre(Pair("host", 1), Pair("service_name", 1)));
  EXPECT_THAT(logs.fields, ElementsAre(Pair(FieldKey("trace_id", FieldType::kString), 1)));
  const ColumnNames& metrics = census.groups.at("cpu");
  EXPECT_EQ(metrics.rows, 2U);
  EXPECT_THAT(metrics.fields,
              UnorderedElementsAre(Pair(FieldKey("busy_percent", FieldType::kDouble), 1),
                                   Pair(FieldKey("busy_percent", FieldType::kInt64), 1),
                                   Pair(FieldKey("cores", FieldType::kInt64), 1)));
}

TEST(ColumnCensusTest, NothingHasNoGroups) {
  EXPECT_TRUE(count_columns(RecordBatch()).groups.empty());
  RecordBatch batch;
  batch.add_stream(Labels(std::vector<Label>{{"service_name", "api"}}));
  EXPECT_TRUE(count_columns(batch).groups.empty()) << "a stream without records";
}

TEST(ColumnCensusTest, AddsUp) {
  RecordBatch batch;
  batch.add(batch.add_stream(Labels(std::vector<Label>{{"service_name", "api"}})), 1, "line",
            std::vector<Field>{{"a", std::int64_t{1}}});
  ColumnCensus sum = count_columns(batch);
  sum.add(count_columns(batch));
  EXPECT_EQ(sum.groups.at("").rows, 2U);
  EXPECT_EQ(sum.groups.at("").fields.at({"a", FieldType::kInt64}), 2U);
  EXPECT_GT(sum.size_bytes(), 0U);
}

}  // namespace
}  // namespace livedata::storage
