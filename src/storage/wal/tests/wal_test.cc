#include "storage/wal/wal.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "storage/testing/random_records.h"

namespace livedata::storage {
namespace {

class WalTest : public testing::Test {
 protected:
  WalTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~WalTest() override { std::filesystem::remove_all(folder_); }

  void append(Wal& wal, std::vector<PlainRecord>& expected) {
    const RecordBatch batch = random_.batch(1 + random_.below(20));
    for (PlainRecord& record : plain_records(batch)) expected.push_back(std::move(record));
    ASSERT_TRUE(wal.write(Wal::encode(batch)));
  }
  std::pair<Wal::Replay, std::vector<PlainRecord>> replay(std::uint64_t start) {
    std::vector<PlainRecord> records;
    const auto result =
        Wal::replay(files_, folder_, start, pool_, [&](std::uint64_t, const Wal::Entry& entry) {
          for (PlainRecord& record : plain_records(entry.batch))
            records.push_back(std::move(record));
        });
    EXPECT_TRUE(result.has_value());
    return {result.value_or(Wal::Replay()), records};
  }

  ThreadPool pool_{"replay", 0, 0};
  PosixFileSystem files_;
  RandomRecords random_{1};
  Path folder_;
};

TEST_F(WalTest, ReplaysAllFilesInOrder) {
  std::vector<PlainRecord> expected;
  {
    Wal wal = *Wal::create(files_, folder_, 3);
    for (int i = 0; i < 10; ++i) {
      append(wal, expected);
      if (i % 4 == 3) {
        ASSERT_TRUE(wal.rotate());
      }
    }
  }
  const auto [summary, records] = replay(1);
  EXPECT_EQ(records, expected);
  EXPECT_EQ(summary.batches, 10U);
  EXPECT_EQ(summary.next_file, 6U);
}

TEST_F(WalTest, LeavesOutFilesThatAreInSegments) {
  std::vector<PlainRecord> old;
  std::vector<PlainRecord> expected;
  Wal wal = *Wal::create(files_, folder_, 1);
  append(wal, old);
  ASSERT_TRUE(wal.rotate());
  append(wal, expected);
  EXPECT_EQ(replay(2).second, expected);
  ASSERT_TRUE(Wal::remove_before(files_, folder_, 2));
  EXPECT_EQ(replay(1).second, expected);
}

TEST_F(WalTest, NumbersNeverComeTwice) {
  {
    Wal wal = *Wal::create(files_, folder_, 7);
  }
  EXPECT_EQ(replay(1).first.next_file, 8U);
  EXPECT_EQ(replay(12).first.next_file, 12U);
}

TEST_F(WalTest, AnAbsentFolderIsEmpty) {
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(replay(1).first.batches, 0U);
}

}  // namespace
}  // namespace livedata::storage
