#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/file_system.h"
#include "cli/records/record_file.h"
#include "cli/records/record_output.h"
#include "cli/records/sorted_records.h"
#include "encoding/zstd.h"
#include "storage/flush/row_order.h"
#include "storage/testing/random_records.h"

namespace livedata::cli {
namespace {

constexpr TimestampNs kDay = 24 * 3600 * kNsPerSecond;

using Records = std::vector<std::pair<storage::PlainRecord, Hash128>>;

void add_to(Records& out, const RecordBatch& batch) {
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    out.emplace_back(storage::plain_record(batch, row), storage::record_hash(batch, row));
}

Records sorted(Records records) {
  std::sort(records.begin(), records.end());
  return records;
}

class GivenBatches : public RecordStream {
 public:
  explicit GivenBatches(std::vector<std::shared_ptr<const RecordBatch>> batches)
      : batches_(std::move(batches)) {}
  Result<std::shared_ptr<const RecordBatch>> next() override {
    return next_ < batches_.size() ? batches_[next_++] : nullptr;
  }

 private:
  std::vector<std::shared_ptr<const RecordBatch>> batches_;
  std::size_t next_ = 0;
};

class RecordFilesTest : public testing::Test {
 protected:
  RecordFilesTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "record-files-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    // Three days, in their order; the last batch of a day reaches into the next one.
    for (int day = 0; day < 3; ++day) {
      storage::RandomRecords random(static_cast<std::uint64_t>(day) + 1, day * kDay,
                                    kDay + kDay / 4);
      batches_.push_back(std::make_shared<RecordBatch>(random.batch(700)));
      add_to(expected_, *batches_.back());
    }
    expected_ = sorted(std::move(expected_));
  }
  ~RecordFilesTest() override { std::filesystem::remove_all(folder_); }

  Records read(const std::string& path) {
    Records out;
    for (const std::string& file : record_files_of({path})) {
      const auto done = read_record_file(file, Deadline(), [&](RecordBatch&& batch, std::uint64_t) {
        add_to(out, batch);
        return Result<void>();
      });
      EXPECT_TRUE(done) << done.error().message;
    }
    return sorted(std::move(out));
  }

  void write(RecordFormat format, const std::string& path) {
    GivenBatches stream(batches_);
    std::size_t rows = 0;
    const auto done = write_records(stream, {format, path},
                                    [&](const RecordBatch& batch) { rows += batch.num_rows(); });
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(rows, expected_.size());
  }

  Path folder_;
  std::vector<std::shared_ptr<const RecordBatch>> batches_;
  Records expected_;
};

TEST_F(RecordFilesTest, GiveBackWhatWasWritten) {
  for (const RecordFormat format :
       {RecordFormat::kParquet, RecordFormat::kCsv, RecordFormat::kNdjson}) {
    const std::string path = folder_ / ("a" + std::to_string(static_cast<int>(format)));
    write(format, path);
    EXPECT_EQ(read(path), expected_);
    EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
  }
}

TEST_F(RecordFilesTest, AFolderHasAFilePerDay) {
  for (const RecordFormat format : {RecordFormat::kParquet, RecordFormat::kNdjson}) {
    const Path path = folder_ / ("f" + std::to_string(static_cast<int>(format)));
    write(format, path.string() + "/");
    EXPECT_TRUE(std::filesystem::exists(path / "day=1970-01-01"));
    EXPECT_TRUE(std::filesystem::exists(path / "day=1970-01-04"));
    EXPECT_EQ(record_files_of({path.string()}).size(), 4U);
    EXPECT_EQ(read(path), expected_);
  }
}

TEST_F(RecordFilesTest, ReadsPackedFiles) {
  PosixFileSystem files;
  write(RecordFormat::kCsv, folder_ / "a.csv");
  const auto text = files.read_all(folder_ / "a.csv");
  ASSERT_TRUE(text);
  ASSERT_TRUE(write_atomically(files, folder_ / "b.csv.zst", encoding::zstd_compress(*text, 1)));
  EXPECT_EQ(read(folder_ / "b.csv.zst"), expected_);
}

TEST_F(RecordFilesTest, SortsByServiceLabelsAndTime) {
  GivenBatches stream(batches_);
  SortedRecords sorted_records(stream, SortedRecords::Parts::kOne);
  ASSERT_TRUE(sorted_records.next_part());
  const auto batch = sorted_records.next();
  ASSERT_TRUE(batch);
  ASSERT_NE(*batch, nullptr);
  for (RowIndex row = 1; row < (*batch)->num_rows(); ++row) {
    const Labels& before = (*batch)->stream(row - 1).labels;
    const Labels& labels = (*batch)->stream(row).labels;
    EXPECT_FALSE(storage::comes_before(labels, before));
    if (labels == before) {
      EXPECT_LE((*batch)->timestamps()[row - 1], (*batch)->timestamps()[row]);
    }
  }
}

TEST_F(RecordFilesTest, LeavesNothingOfAFailedExport) {
  class Failing : public RecordStream {
    Result<std::shared_ptr<const RecordBatch>> next() override {
      return fail(ErrorCode::kCancelled, "enough");
    }
  } stream;
  for (const RecordFormat format : {RecordFormat::kParquet, RecordFormat::kCsv}) {
    EXPECT_FALSE(write_records(stream, {format, folder_ / "x"}, [](const RecordBatch&) {}));
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
  }
}

TEST_F(RecordFilesTest, SaysWhereAFileIsWrong) {
  PosixFileSystem files;
  ASSERT_TRUE(write_atomically(files, folder_ / "bad",
                               "{\"time\":\"2026-01-02T03:04:05Z\","
                               "\"labels\":{},\"line\":\"x\"}\n{}\n"));
  const auto done = read_record_file(folder_ / "bad", Deadline(),
                                     [](RecordBatch&&, std::uint64_t) { return Result<void>(); });
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("line 2"), std::string::npos) << done.error().message;
}

}  // namespace
}  // namespace livedata::cli
