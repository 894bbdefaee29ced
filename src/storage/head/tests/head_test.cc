#include "storage/head/head.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "storage/testing/random_records.h"

namespace livedata::storage {
namespace {

constexpr std::chrono::steady_clock::time_point kNow{};

std::vector<PlainRecord> contents(const Head& head) {
  std::vector<PlainRecord> all;
  for (const auto& batch : head.batches()) {
    for (PlainRecord& record : plain_records(*batch->records)) all.push_back(std::move(record));
  }
  return all;
}

TEST(HeadTest, KeepsEveryRecordInOrderOfArrival) {
  RandomRecords random(3);
  Head head;
  std::vector<PlainRecord> expected;
  for (int i = 0; i < 200; ++i) {
    auto batch = std::make_shared<RecordBatch>(random.batch(1 + random.below(30)));
    for (PlainRecord& record : plain_records(*batch)) expected.push_back(std::move(record));
    head.add(std::move(batch), kNow);
  }
  EXPECT_EQ(contents(head), expected);
  EXPECT_EQ(head.num_rows(), expected.size());
}

TEST(HeadTest, MergesManySmallAppendsIntoFewBatches) {
  RandomRecords random(4);
  Head head;
  for (int i = 0; i < 1000; ++i) head.add(std::make_shared<RecordBatch>(random.batch(1)), kNow);
  EXPECT_LE(head.batches().size(), 20U);
}

TEST(HeadTest, LeavesLargeBatchesAlone) {
  RandomRecords random(5);
  Head head;
  const auto large = std::make_shared<RecordBatch>(random.batch(20'000));
  ASSERT_GT(large->size_bytes(), 1_MiB);
  head.add(large, kNow);
  head.add(std::make_shared<RecordBatch>(random.batch(1)), kNow);
  ASSERT_EQ(head.batches().size(), 2U);
  EXPECT_EQ(head.batches().front()->records, large);
}

TEST(HeadTest, BoundsAreThoseOfEachStream) {
  RandomRecords random(6);
  const HeadBatch batch(std::make_shared<RecordBatch>(random.batch(500)));
  for (std::uint32_t s = 0; s < batch.bounds.size(); ++s) {
    std::vector<TimestampNs> times;
    for (RowIndex row = 0; row < batch.records->num_rows(); ++row) {
      if (batch.records->stream_ordinals()[row] == s)
        times.push_back(batch.records->timestamps()[row]);
    }
    if (times.empty()) continue;
    EXPECT_EQ(batch.bounds[s].min, *std::min_element(times.begin(), times.end()));
    EXPECT_EQ(batch.bounds[s].max, *std::max_element(times.begin(), times.end()));
  }
}

TEST(HeadTest, ReadersSeeWholeBatchesWhileOneWrites) {
  Head head;
  std::thread writer([&head] {
    RandomRecords random(7);
    for (int i = 0; i < 300; ++i) head.add(std::make_shared<RecordBatch>(random.batch(10)), kNow);
  });
  std::uint64_t last = 0;
  while (last < 3000) {
    const std::uint64_t rows = contents(head).size();
    ASSERT_GE(rows, last);
    ASSERT_EQ(rows % 10, 0U);
    last = rows;
  }
  writer.join();
}

}  // namespace
}  // namespace livedata::storage
