#include "storage/flush/flush.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "storage/segment/segment_reader.h"
#include "storage/testing/random_records.h"

namespace livedata::storage {
namespace {

class FlushTest : public testing::Test {
 protected:
  FlushTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~FlushTest() override { std::filesystem::remove_all(folder_); }

  std::vector<FlushedSegment> flush(const std::vector<std::shared_ptr<const RecordBatch>>& batches,
                                    FlushOptions options) {
    auto flushed = flush_batches(files_, folder_, batches, options,
                                 [this] { return "s" + std::to_string(next_++); });
    EXPECT_TRUE(flushed.has_value()) << (flushed ? "" : flushed.error().message);
    return flushed.value_or(std::vector<FlushedSegment>());
  }

  std::shared_ptr<const segment::SegmentReader> open(const std::string& file) {
    auto reader = segment::SegmentReader::open(files_, folder_ / file, sharing_);
    EXPECT_TRUE(reader.has_value()) << (reader ? "" : reader.error().message);
    return reader ? *reader : nullptr;
  }

  std::vector<PlainRecord> read_all(const segment::SegmentReader& reader) {
    std::vector<PlainRecord> out;
    const auto metadata = reader.metadata();
    EXPECT_TRUE(metadata.has_value()) << (metadata ? "" : metadata.error().message);
    for (const segment::BlockEntry& block : (*metadata)->blocks) {
      auto keys = reader.read_keys(**metadata, block);
      EXPECT_TRUE(keys.has_value());
      auto batch = reader.read_block(**metadata, block, *std::move(keys), ColumnSelection());
      EXPECT_TRUE(batch.has_value()) << (batch ? "" : batch.error().message);
      for (PlainRecord& record : plain_records(*batch)) out.push_back(std::move(record));
    }
    return out;
  }

  /// Whether reading every part of the file fails somewhere.
  bool finds_damage(const std::string& file) {
    const auto reader = segment::SegmentReader::open(files_, folder_ / file, sharing_);
    if (!reader) return true;
    const auto metadata = (*reader)->metadata();
    if (!metadata || !(*metadata)->damage.empty()) return true;
    for (const segment::BlockEntry& block : (*metadata)->blocks) {
      if (!(*reader)->read_part(block, *block.find(segment::PartKind::kLabels))) return true;
    }
    const auto scanned = (*reader)->scan_blocks();
    if (!scanned || scanned->blocks.size() != (*metadata)->blocks.size()) return true;
    for (const segment::BlockEntry& block : (*metadata)->blocks) {
      auto keys = (*reader)->read_keys(**metadata, block);
      if (!keys || !(*reader)->read_block(**metadata, block, *std::move(keys), ColumnSelection()) ||
          !(*reader)->read_grams(block) || !(*reader)->read_values(block)) {
        return true;
      }
    }
    return false;
  }

  PosixFileSystem files_;
  segment::SegmentSharing sharing_{std::make_shared<StreamTable>(),
                                   std::make_shared<segment::SegmentCache>(64_MiB, 1_MiB)};
  Path folder_;
  int next_ = 0;
};

TEST_F(FlushTest, EveryRecordComesBackSortedByLabelsAndTime) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomRecords random(seed, 1'700'000'000 * kNsPerSecond, 5 * 3600 * kNsPerSecond);
    std::vector<std::shared_ptr<const RecordBatch>> batches;
    std::vector<PlainRecord> expected;
    for (int i = 0; i < 8; ++i) {
      batches.push_back(std::make_shared<RecordBatch>(random.batch(random.below(400))));
      for (PlainRecord& record : plain_records(*batches.back()))
        expected.push_back(std::move(record));
    }
    std::vector<PlainRecord> all;
    for (const FlushedSegment& flushed : flush(batches, {.block_bytes = 4_KiB})) {
      const auto reader = open(flushed.file);
      ASSERT_NE(reader, nullptr);
      const auto records = read_all(*reader);
      // The streams' one other label is host, and that comes before service_name in the text.
      const auto service = [](const PlainRecord& r) { return r.labels.substr(r.labels.find(',')); };
      ASSERT_TRUE(std::is_sorted(records.begin(), records.end(),
                                 [&](const PlainRecord& x, const PlainRecord& y) {
                                   return std::tuple(service(x), x.labels, x.timestamp) <
                                          std::tuple(service(y), y.labels, y.timestamp);
                                 }));
      for (const PlainRecord& record : records) {
        ASSERT_EQ(window_start(record.timestamp, std::chrono::hours(1)), flushed.window_start);
      }
      ASSERT_EQ(records.size(), flushed.summary.num_rows);
      all.insert(all.end(), records.begin(), records.end());
    }
    std::sort(all.begin(), all.end());
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(all, expected) << "seed " << seed;
  }
}

TEST_F(FlushTest, IdenticalRecordsAreWrittenOnce) {
  RandomRecords random(11);
  const auto batch = std::make_shared<RecordBatch>(random.batch(100));
  const auto flushed = flush({batch, batch}, {});
  ASSERT_EQ(flushed.size(), 1U);
  EXPECT_EQ(flushed.front().summary.num_rows, 100U);
}

TEST_F(FlushTest, SameLineWithOtherFieldsIsAnotherRecord) {
  auto batch = std::make_shared<RecordBatch>();
  const auto stream = batch->add_stream(Labels(std::vector<Label>{{"source", "process"}}));
  for (std::int64_t pid = 1; pid <= 3; ++pid) {
    const Field field{"pid", pid};
    batch->add(stream, 1000, "", std::span(&field, 1));
  }
  EXPECT_EQ(flush({batch}, {}).front().summary.num_rows, 3U);
}

TEST_F(FlushTest, ReadsOnlySelectedColumns) {
  RandomRecords random(12);
  const auto batch = std::make_shared<RecordBatch>(random.batch(50));
  const auto reader = open(flush({batch}, {}).front().file);
  const ColumnSelection selection{.lines = false, .all_fields = false, .field_names = {"status"}};
  const auto metadata = *reader->metadata();
  const segment::BlockEntry& block = metadata->blocks.front();
  const auto read =
      reader->read_block(*metadata, block, *reader->read_keys(*metadata, block), selection);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->lines().bytes().size(), 0U);
  for (const FieldColumn& column : read->field_columns()) EXPECT_EQ(column.name, "status");
}

TEST_F(FlushTest, AnyDamagedByteIsFoundOrHarmless) {
  RandomRecords random(13);
  const auto batch = std::make_shared<RecordBatch>(random.batch(60));
  const std::string file = flush({batch}, {.block_bytes = 2_KiB}).front().file;
  const auto expected = read_all(*open(file));
  const auto size = std::filesystem::file_size(folder_ / file);
  const std::string content = *files_.read_all(folder_ / file);
  for (std::uint64_t offset = 0; offset < size; ++offset) {
    std::string damaged = content;
    damaged[offset] = static_cast<char>(damaged[offset] ^ 0x10);
    std::ofstream(folder_ / file, std::ios::binary) << damaged;
    ASSERT_TRUE(finds_damage(file)) << "offset " << offset;
  }
}

// Everything behind the blocks can be made from the blocks.
TEST_F(FlushTest, ADamagedIndexCostsNoRecord) {
  RandomRecords random(14);
  const auto batch = std::make_shared<RecordBatch>(random.batch(200));
  const std::string file = flush({batch}, {.block_bytes = 2_KiB}).front().file;
  const auto expected = read_all(*open(file));
  const std::uint64_t end_of_blocks = open(file)->block_bytes();
  const std::string content = *files_.read_all(folder_ / file);
  for (std::uint64_t offset = end_of_blocks; offset < content.size(); offset += 7) {
    std::string damaged = content;
    damaged[offset] = static_cast<char>(damaged[offset] ^ 0x10);
    std::ofstream(folder_ / file, std::ios::binary) << damaged;
    const auto reader = open(file);
    ASSERT_NE(reader, nullptr);
    ASSERT_EQ(read_all(*reader), expected) << "offset " << offset;
  }
}

TEST(WindowStartTest, RoundsDownOnBothSidesOfTheEpoch) {
  const auto hour = std::chrono::hours(1);
  const std::int64_t ns = 3600 * kNsPerSecond;
  EXPECT_EQ(window_start(0, hour), 0);
  EXPECT_EQ(window_start(ns - 1, hour), 0);
  EXPECT_EQ(window_start(ns, hour), ns);
  EXPECT_EQ(window_start(-1, hour), -ns);
  EXPECT_EQ(window_start(-ns, hour), -ns);
}

}  // namespace
}  // namespace livedata::storage
