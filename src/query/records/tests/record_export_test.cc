#include "query/records/record_export.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "storage/testing/random_records.h"

namespace livedata::query::records {
namespace {

constexpr TimestampNs kDay = 24 * 3600 * kNsPerSecond;

class RecordExportTest : public testing::Test {
 protected:
  RecordExportTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "record-export-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    storage::StoreOptions options;
    options.data_folder = folder_;
    options.wal_sync = storage::WalSync::kOff;
    options.compact_in_background = false;
    auto store = storage::Store::open(options, storage::OpenMode::kReadWrite, files_, clock_,
                                      logger_, metrics_);
    EXPECT_TRUE(store);
    store_ = *std::move(store);
  }
  ~RecordExportTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::vector<storage::PlainRecord> export_all(const TimeRange& range,
                                               std::vector<LabelMatcher> matchers = {}) {
    RecordExport records(*store_, TenantId::single(), range, std::move(matchers));
    std::vector<storage::PlainRecord> out;
    TimestampNs day = INT64_MIN;
    for (;;) {
      const auto batch = records.next(Deadline());
      EXPECT_TRUE(batch) << batch.error().message;
      if (!batch || *batch == nullptr) break;
      const auto floor = [](TimestampNs t) { return t / kDay - (t % kDay < 0 ? 1 : 0); };
      EXPECT_EQ(floor((*batch)->min_timestamp()), floor((*batch)->max_timestamp()));
      EXPECT_GE(floor((*batch)->min_timestamp()), day);
      day = floor((*batch)->min_timestamp());
      for (auto& record : storage::plain_records(**batch)) out.push_back(std::move(record));
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  std::string folder_;
  PosixFileSystem files_;
  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  std::unique_ptr<storage::Store> store_;
};

TEST_F(RecordExportTest, GivesEveryRecordOnceFromSegmentsAndHead) {
  std::vector<storage::PlainRecord> expected;
  for (const std::int64_t start : {-2 * kDay, std::int64_t{0}, 20'000 * kDay}) {
    storage::RandomRecords random(static_cast<std::uint64_t>(start), start, 2 * kDay);
    const RecordBatch batch = random.batch(500);
    for (int i = 0; i < 2; ++i) {  // what is sent twice is there once
      RecordBatch copy;
      copy.add_all(batch);
      ASSERT_TRUE(store_->append(TenantId::single(), std::move(copy)));
      if (i == 0) {
        ASSERT_TRUE(store_->flush());
      }
    }
    for (auto& record : storage::plain_records(batch)) expected.push_back(std::move(record));
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(export_all({INT64_MIN, INT64_MAX}), expected);
}

TEST_F(RecordExportTest, KeepsToTheRangeAndTheSelector) {
  RecordBatch batch;
  const auto a = batch.add_stream(Labels(std::vector<Label>{{"app", "a"}}));
  const auto b = batch.add_stream(Labels(std::vector<Label>{{"app", "b"}}));
  for (int i = 0; i < 10; ++i) {
    batch.add(a, i * kDay / 2, "a" + std::to_string(i), {});
    batch.add(b, i * kDay / 2, "b" + std::to_string(i), {});
  }
  ASSERT_TRUE(store_->append(TenantId::single(), std::move(batch)));
  auto matcher = LabelMatcher::make("app", MatchOp::kEqual, "b");
  ASSERT_TRUE(matcher);
  const auto records = export_all({kDay / 2, 2 * kDay}, {*matcher});
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records.front().line, "b1");
  EXPECT_EQ(records.back().line, "b3");
  EXPECT_TRUE(export_all({100 * kDay, INT64_MAX}).empty());
}

}  // namespace
}  // namespace livedata::query::records
