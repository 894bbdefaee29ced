#include "storage/overflow/overflow_queue.h"

#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "base/testing/simulated_disk.h"

namespace livedata::storage {
namespace {

using Outcome = OverflowQueue::Outcome;
constexpr auto kNoWait = std::chrono::nanoseconds(0);

class OverflowQueueTest : public testing::Test {
 protected:
  OverflowQueueTest() {
    options_.folder = "/queue";
    options_.memory_bytes = 2000;
    options_.disk_bytes = 20'000;
    options_.file_bytes = 1000;
  }

  void open(std::string_view position = {}) {
    queue_.reset();
    files_ = disk_.mount();
    auto queue = OverflowQueue::open(*files_, options_, position);
    ASSERT_TRUE(queue.has_value()) << queue.error().message;
    queue_ = *std::move(queue);
  }
  static std::string item(int number) {
    return std::to_string(number) + std::string(static_cast<std::size_t>(number % 90), 'x');
  }

  SimulatedDisk disk_{1};
  OverflowOptions options_;
  std::shared_ptr<FileSystem> files_;
  std::unique_ptr<OverflowQueue> queue_;
};

TEST_F(OverflowQueueTest, KeepsTheOrderFromMemoryToDiskAndBack) {
  open();
  std::mt19937_64 random(1);
  int pushed = 0;
  int popped = 0;
  bool was_on_disk = false;
  for (int step = 0; step < 5000; ++step) {
    // Long times of filling and of draining in turn.
    const bool fills = step / 150 % 2 == 0;
    if (random() % 10 < (fills ? 8 : 2)) {
      const Outcome outcome = queue_->push(item(pushed));
      was_on_disk = was_on_disk || outcome == Outcome::kOnDisk;
      if (outcome != Outcome::kRefused) ++pushed;
    } else if (const auto next = queue_->pop(kNoWait)) {
      ASSERT_EQ(next->bytes, item(popped++));
      if (random() % 4 == 0) queue_->stored();
    }
  }
  while (const auto next = queue_->pop(kNoWait)) ASSERT_EQ(next->bytes, item(popped++));
  queue_->stored();
  EXPECT_EQ(popped, pushed);
  EXPECT_TRUE(was_on_disk);
  EXPECT_EQ(queue_->status().memory_bytes, 0U);
  EXPECT_EQ(queue_->status().disk_bytes, 0U);
  EXPECT_TRUE(disk_.files().empty());
}

TEST_F(OverflowQueueTest, RefusesWhatFitsNeitherInMemoryNorOnDisk) {
  open();
  int kept = 0;
  while (queue_->push(item(kept)) != Outcome::kRefused) ++kept;
  EXPECT_LE(queue_->status().memory_bytes, options_.memory_bytes);
  EXPECT_LE(queue_->status().disk_bytes, options_.disk_bytes);
  EXPECT_GT(queue_->status().disk_bytes, options_.disk_bytes / 2);
  for (int i = 0; i < kept; ++i) ASSERT_EQ(queue_->pop(kNoWait)->bytes, item(i));
  EXPECT_FALSE(queue_->pop(kNoWait).has_value());
  queue_->stored();
  EXPECT_EQ(queue_->push("again"), Outcome::kInMemory);
}

TEST_F(OverflowQueueTest, GoesOnBehindTheBookmarkAfterARestart) {
  open();
  int kept = 0;
  while (queue_->push(item(kept)) != Outcome::kRefused) ++kept;
  std::string position;
  int taken = 0;
  for (; taken < kept / 2 || position.empty(); ++taken) {
    const auto next = queue_->pop(kNoWait);
    if (!next->position.empty()) position = next->position;
  }
  open(position);
  for (; taken < kept; ++taken) ASSERT_EQ(queue_->pop(kNoWait)->bytes, item(taken));
  EXPECT_FALSE(queue_->pop(kNoWait).has_value());
  // New files are not taken for those that are done.
  while (queue_->push(item(taken)) != Outcome::kOnDisk) ++taken;
  open(position);
  EXPECT_TRUE(queue_->pop(kNoWait).has_value());
}

TEST_F(OverflowQueueTest, WhatWasTakenAndNotStoredComesAgain) {
  open();
  int kept = 0;
  while (queue_->push(item(kept)) != Outcome::kRefused) ++kept;
  int in_memory = 0;
  while (queue_->pop(kNoWait)->position.empty()) ++in_memory;
  while (queue_->pop(kNoWait)) {
  }
  open();
  for (int i = in_memory; i < kept; ++i) ASSERT_EQ(queue_->pop(kNoWait)->bytes, item(i));
}

TEST_F(OverflowQueueTest, ADiskThatFailsRefusesAndLosesNothingElse) {
  open();
  int kept = 0;
  while (queue_->push(item(kept)) == Outcome::kInMemory) ++kept;
  ++kept;
  disk_.fail_once(SimulatedDisk::Operation::kAppend, ErrorCode::kIoError);
  EXPECT_EQ(queue_->push("lost"), Outcome::kRefused);
  EXPECT_EQ(queue_->push(item(kept++)), Outcome::kOnDisk);
  for (int i = 0; i < kept; ++i) ASSERT_EQ(queue_->pop(kNoWait)->bytes, item(i));
}

TEST_F(OverflowQueueTest, LeavesTheDiskThatTheStoreNeeds) {
  options_.min_free_bytes = std::uint64_t{1} << 62U;
  open();
  int kept = 0;
  while (queue_->push(item(kept)) == Outcome::kInMemory) ++kept;
  EXPECT_TRUE(disk_.files().empty());
  EXPECT_EQ(queue_->push_to_disk("x"), Outcome::kRefused);
  for (int i = 0; i < kept; ++i) ASSERT_EQ(queue_->pop(kNoWait)->bytes, item(i));
}

TEST_F(OverflowQueueTest, AnItemThatIsRefusedStaysTheCallers) {
  options_.disk_bytes = 0;
  open();
  std::string text(3000, 'x');
  EXPECT_EQ(queue_->push(std::move(text)), Outcome::kRefused);
  EXPECT_EQ(text.size(), 3000U);  // NOLINT(bugprone-use-after-move): that is the point
}

TEST_F(OverflowQueueTest, AFullDiskDoesNotFillUpWithEmptyFiles) {
  open();
  int kept = 0;
  while (queue_->push(item(kept)) == Outcome::kInMemory) ++kept;
  const auto files = disk_.files().size();
  for (int i = 0; i < 20; ++i) {
    disk_.fail_once(SimulatedDisk::Operation::kAppend, ErrorCode::kIoError);
    static_cast<void>(queue_->push_to_disk("lost"));
  }
  EXPECT_LE(disk_.files().size(), files + 1);
}

TEST_F(OverflowQueueTest, AMemoryOnlyQueueNeedsNoDisk) {
  const auto queue = OverflowQueue::in_memory(1000);
  EXPECT_EQ(queue->push("one"), Outcome::kInMemory);
  EXPECT_EQ(queue->push(std::string(1000, 'x')), Outcome::kRefused);
  EXPECT_FALSE(queue->empty());
  EXPECT_EQ(queue->pop(kNoWait)->bytes, "one");
  queue->stored();
  EXPECT_TRUE(queue->empty());
  queue->close();
  EXPECT_FALSE(queue->pop(kNoWait).has_value());
}

TEST_F(OverflowQueueTest, WhatIsPutOnDiskAtTheEndIsThereAgain) {
  open();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(queue_->push(item(i)), Outcome::kInMemory);
  queue_->close();
  while (const auto next = queue_->pop(kNoWait))
    ASSERT_EQ(queue_->push_to_disk(next->bytes), Outcome::kOnDisk);
  EXPECT_TRUE(queue_->empty());
  open();
  EXPECT_FALSE(queue_->empty());
  for (int i = 0; i < 5; ++i) ASSERT_EQ(queue_->pop(kNoWait)->bytes, item(i));
}

TEST_F(OverflowQueueTest, WakesItsReader) {
  open();
  std::thread writer([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    queue_->push("hello");
  });
  const auto next = queue_->pop(std::chrono::seconds(60));
  writer.join();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->bytes, "hello");
  std::thread closer([this] { queue_->close(); });
  EXPECT_FALSE(queue_->pop(std::chrono::seconds(60)).has_value());
  closer.join();
}

}  // namespace
}  // namespace livedata::storage
