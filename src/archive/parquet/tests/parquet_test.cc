#include <cmath>
#include <filesystem>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archive/parquet/parquet_reader.h"
#include "archive/parquet/parquet_writer.h"
#include "storage/flush/row_order.h"
#include "storage/testing/random_records.h"

namespace livedata::archive {
namespace {

using storage::PlainRecord;

/// With the hashes of records, which tell types of fields apart, too.
std::vector<std::pair<PlainRecord, Hash128>> exact_records(const RecordBatch& batch) {
  std::vector<std::pair<PlainRecord, Hash128>> out;
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    out.emplace_back(storage::plain_record(batch, row), storage::record_hash(batch, row));
  return out;
}

class ParquetTest : public testing::Test {
 protected:
  ParquetTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("parquet_test_" + std::to_string(::getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~ParquetTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Path file() const { return folder_ / "a.parquet"; }

  void write(std::vector<std::shared_ptr<const RecordBatch>> batches,
             ParquetWriteOptions options = {}) {
    storage::ColumnCensus census;
    for (const auto& batch : batches) census.add(storage::count_columns(*batch));
    options.columns = choose_columns(census.groups[""]);
    std::size_t next = 0;
    const auto written =
        write_parquet(file(), options, [&]() -> Result<std::shared_ptr<const RecordBatch>> {
          return next < batches.size() ? batches[next++] : nullptr;
        });
    ASSERT_TRUE(written) << written.error().message;
  }

  std::vector<std::pair<PlainRecord, Hash128>> read_all() {
    std::vector<std::pair<PlainRecord, Hash128>> out;
    auto reader = ParquetReader::open(file());
    EXPECT_TRUE(reader) << reader.error().message;
    if (!reader) return out;
    for (const auto& group : (*reader)->description().row_groups) {
      auto batch = (*reader)->read({.first_row = group.first_row, .num_rows = group.num_rows});
      EXPECT_TRUE(batch) << batch.error().message;
      if (!batch) return out;
      for (auto& record : exact_records(*batch)) out.push_back(std::move(record));
    }
    return out;
  }

  Path folder_;
};

std::shared_ptr<const RecordBatch> shared(RecordBatch batch) {
  return std::make_shared<const RecordBatch>(std::move(batch));
}

std::shared_ptr<const RecordBatch> odd_records() {
  RecordBatch batch;
  const auto stream = batch.add_stream(Labels(std::vector<Label>{{"Time", "a"}, {"line", "b"}}));
  const auto bytes = batch.add_stream(Labels(std::vector<Label>{{"x", "\xff\xfe"}, {"y", "1"}}));
  const std::vector<Field> numbers = {{"line", std::int64_t{-1}},
                                      {"max", std::numeric_limits<std::int64_t>::max()},
                                      {"nan", std::nan("")},
                                      {"stream", true},
                                      {"zero", -0.0}};
  batch.add(stream, 1, std::string_view("a\0b", 3), numbers);
  const std::vector<Field> other = {{"line", std::string_view("text")},
                                    {"nan", -INFINITY},
                                    {"zero", 0.0},
                                    {"\xc3\x28", std::string_view("bad name")},
                                    {"empty", std::string_view()}};
  batch.add(stream, 2, "\x80half", other);
  batch.add(bytes, 1'700'000'000'123'456'789, "", {});
  batch.add(bytes, 1'700'000'000'123'456'790, "é", {});
  const auto no_labels = batch.add_stream(Labels());
  const std::vector<Field> plus = {{"zero", 0.0}};
  batch.add(no_labels, 3, "x", plus);
  return shared(std::move(batch));
}

TEST_F(ParquetTest, GivesRandomRecordsBackInTheirOrder) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    storage::RandomRecords random(seed);
    std::vector<std::shared_ptr<const RecordBatch>> batches;
    std::vector<std::pair<PlainRecord, Hash128>> expected;
    for (int i = 0; i < 4; ++i) {
      batches.push_back(shared(random.batch(random.below(5000))));
      for (auto& record : exact_records(*batches.back())) expected.push_back(std::move(record));
    }
    ParquetWriteOptions options;
    options.row_group_rows = 2048;
    write(batches, options);
    EXPECT_EQ(read_all(), expected) << "seed " << seed;
  }
}

TEST_F(ParquetTest, GivesBackWhatItsColumnsCanNotHold) {
  const auto batch = odd_records();
  write({batch});
  EXPECT_EQ(read_all(), exact_records(*batch));
}

TEST_F(ParquetTest, BoundsRowGroupsByBytes) {
  RecordBatch batch;
  const auto stream = batch.add_stream(Labels(std::vector<Label>{{"a", "b"}}));
  for (int i = 0; i < 300; ++i)
    batch.add(stream, i, std::to_string(i) + std::string(100'000, 'x'), {});
  const auto expected = exact_records(batch);
  ParquetWriteOptions options;
  options.row_group_bytes = 8_MiB;
  write({shared(std::move(batch))}, options);
  auto reader = ParquetReader::open(file());
  ASSERT_TRUE(reader);
  EXPECT_GE((*reader)->description().row_groups.size(), 3U);
  EXPECT_EQ(read_all(), expected);
}

TEST_F(ParquetTest, ReadsSelectedColumnsOfKnownStreams) {
  const auto batch = odd_records();
  write({batch});
  auto reader = ParquetReader::open(file());
  ASSERT_TRUE(reader);
  storage::ColumnSelection selection;
  selection.lines = false;
  selection.all_fields = false;
  selection.field_names = {"zero", "line"};
  auto read = (*reader)->read({.first_row = 0, .num_rows = 5}, batch->streams(), selection);
  ASSERT_TRUE(read) << read.error().message;
  for (RowIndex row = 0; row < 5; ++row) {
    EXPECT_EQ(read->line(row), "");
    EXPECT_EQ(read->stream(row).labels, batch->stream(row).labels);
    EXPECT_EQ(read->field(row, "max"), std::nullopt);
    EXPECT_EQ(read->field(row, "line"), batch->field(row, "line"));
  }
}

TEST_F(ParquetTest, ReturnsTheErrorOfTheSource) {
  const auto written =
      write_parquet(file(), {}, []() -> Result<std::shared_ptr<const RecordBatch>> {
        return fail(ErrorCode::kCancelled, "enough");
      });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(written.error().message, "enough");
}

TEST_F(ParquetTest, RefusesAFileThatIsNoneOfOurs) {
  PosixFileSystem files;
  ASSERT_TRUE(write_atomically(files, file(), "PAR1 this is not"));
  EXPECT_FALSE(ParquetReader::open(file()));
}

TEST(SchemaTest, ChoosesFrequentNamesAndKeepsThemApart) {
  storage::ColumnNames names;
  names.rows = 10'000;
  names.labels = {{"app", 10'000}, {"time", 9'000}, {"source", 8'000}, {"rare", 3}};
  names.fields = {{{"App", FieldType::kString}, 5'000},
                  {{"status", FieldType::kInt64}, 4'000},
                  {{"status", FieldType::kString}, 300},
                  {{"not a name", FieldType::kString}, 9'000}};
  const auto columns = choose_columns(names);
  std::vector<std::string> shown;
  for (const ValueColumn& column : columns) shown.push_back(column.name);
  EXPECT_THAT(shown, testing::ElementsAre("app", "label_time", "label_source", "field_App",
                                          "status", "field_status"));
  const auto decoded = decode_columns(encode_columns(columns));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, columns);
  EXPECT_FALSE(decode_columns("[{}]"));
  EXPECT_FALSE(decode_columns("nonsense"));
}

}  // namespace
}  // namespace livedata::archive
