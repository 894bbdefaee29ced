#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "storage/record_log/record_log_format.h"
#include "storage/record_log/record_log_reader.h"
#include "storage/record_log/record_log_writer.h"

namespace livedata::storage::record_log {
namespace {

class RecordLogTest : public testing::Test {
 protected:
  RecordLogTest() : path_(std::filesystem::path(testing::TempDir()) / ("record_log_" + name())) {
    write({});
  }
  ~RecordLogTest() override { std::filesystem::remove(path_); }

  static std::string name() {
    return testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  void write(const std::vector<std::string>& payloads) {
    auto writer = RecordLogWriter::create(files_, path_);
    ASSERT_TRUE(writer.has_value()) << writer.error().message;
    std::string bytes;
    for (const std::string& payload : payloads) append_record(payload, bytes);
    ASSERT_TRUE(writer->write(bytes));
    ASSERT_TRUE(writer->sync());
  }

  RecordLogSummary read() {
    payloads_.clear();
    const auto summary =
        read_record_log(files_, path_, [this](std::string_view payload) -> Result<void> {
          payloads_.emplace_back(payload);
          return {};
        });
    EXPECT_TRUE(summary.has_value());
    return summary.value_or(RecordLogSummary());
  }

  void set_byte(std::uint64_t offset, char value) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(value);
  }

  PosixFileSystem files_;
  Path path_;
  std::vector<std::string> payloads_;
};

constexpr std::uint64_t kFirstPayload = kFileHeaderBytes + kRecordHeaderBytes;

TEST_F(RecordLogTest, ReadsWhatWasWritten) {
  write({"one", "", std::string(100'000, 'x')});
  const RecordLogSummary summary = read();
  EXPECT_EQ(payloads_, (std::vector<std::string>{"one", "", std::string(100'000, 'x')}));
  EXPECT_EQ(summary.records, 3U);
  EXPECT_EQ(summary.good_bytes, std::filesystem::file_size(path_));
  EXPECT_EQ(summary.torn_bytes + summary.damaged_bytes, 0U);
}

TEST_F(RecordLogTest, CutsATornTailAtEveryLength) {
  write({"first", "second"});
  const auto whole = std::filesystem::file_size(path_);
  const auto first_end = kFirstPayload + 5;
  for (auto size = first_end; size < whole; ++size) {
    write({"first", "second"});
    std::filesystem::resize_file(path_, size);
    const RecordLogSummary summary = read();
    ASSERT_EQ(payloads_, std::vector<std::string>{"first"});
    ASSERT_EQ(summary.good_bytes, first_end);
    ASSERT_EQ(summary.torn_bytes, size - first_end);
    ASSERT_EQ(summary.damaged_regions, 0U);
  }
}

TEST_F(RecordLogTest, StepsOverADamagedPayload) {
  write({"first", "second", "third"});
  set_byte(kFirstPayload, 'F');
  const RecordLogSummary summary = read();
  EXPECT_EQ(payloads_, (std::vector<std::string>{"second", "third"}));
  EXPECT_EQ(summary.damaged_regions, 1U);
  EXPECT_EQ(summary.damaged_bytes, kRecordHeaderBytes + 5);
  EXPECT_EQ(summary.torn_bytes, 0U);
}

TEST_F(RecordLogTest, FindsTheNextRecordAfterADamagedHeader) {
  for (std::uint64_t offset = kFileHeaderBytes; offset < kFirstPayload; ++offset) {
    write({"first", "second", "third"});
    set_byte(offset, '\x55');
    const RecordLogSummary summary = read();
    ASSERT_EQ(payloads_, (std::vector<std::string>{"second", "third"})) << "offset " << offset;
    ASSERT_EQ(summary.damaged_regions, 1U);
  }
}

TEST_F(RecordLogTest, IsNotFooledByAMarkerInsideAPayload) {
  std::string inner;
  append_record("inner", inner);
  write({inner, "after"});
  EXPECT_EQ(read().records, 2U);
  EXPECT_EQ(payloads_, (std::vector<std::string>{inner, "after"}));
}

TEST_F(RecordLogTest, TornCreationIsEmpty) {
  std::filesystem::resize_file(path_, 7);
  const RecordLogSummary summary = read();
  EXPECT_TRUE(payloads_.empty());
  EXPECT_EQ(summary.torn_bytes, 7U);
}

TEST_F(RecordLogTest, RefusesAnotherKindOfFileAndANewerVersion) {
  const auto visit = [](std::string_view) -> Result<void> { return {}; };
  set_byte(8, 2);
  EXPECT_EQ(read_record_log(files_, path_, visit).error().code, ErrorCode::kUnsupported);
  set_byte(0, 'X');
  EXPECT_EQ(read_record_log(files_, path_, visit).error().code, ErrorCode::kCorrupt);
}

TEST_F(RecordLogTest, NewerPayloadsAreNotTakenForATornTail) {
  write({"from the future"});
  const auto summary = read_record_log(files_, path_, [](std::string_view) -> Result<void> {
    return fail(ErrorCode::kUnsupported, "version 2");
  });
  ASSERT_FALSE(summary.has_value());
  EXPECT_EQ(summary.error().code, ErrorCode::kUnsupported);
}

TEST_F(RecordLogTest, ContinuesAnExistingLog) {
  write({"one"});
  auto writer = RecordLogWriter::open(files_, path_, std::filesystem::file_size(path_));
  ASSERT_TRUE(writer.has_value());
  std::string bytes;
  append_record("two", bytes);
  ASSERT_TRUE(writer->write(bytes));
  read();
  EXPECT_EQ(payloads_, (std::vector<std::string>{"one", "two"}));
}

}  // namespace
}  // namespace livedata::storage::record_log
