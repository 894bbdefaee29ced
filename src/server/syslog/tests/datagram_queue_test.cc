#include "server/syslog/datagram_queue.h"

#include <gtest/gtest.h>

#include "base/testing/simulated_disk.h"

namespace livedata::server {
namespace {

using Outcome = DatagramQueue::Outcome;

std::string datagram(int severity, std::size_t size = 99) {
  std::string out = "<" + std::to_string(8 + severity) + ">";
  out.resize(size, 'x');
  return out;
}

/// What is in a queue, in order.
std::vector<std::string> drain(DatagramQueue& queue) {
  std::vector<std::string> out;
  while (const auto chunk = queue.take()) {
    DatagramChunkReader reader(chunk->bytes);
    for (std::string_view bytes; reader.next(bytes);) out.emplace_back(bytes);
    queue.done(*chunk);
  }
  return out;
}

/// A queue of 100 places of about 100 bytes each, in memory.
class DatagramQueueTest : public testing::Test {
 protected:
  static constexpr DatagramQueue::Options kOptions{.memory_bytes = 10'000, .chunk_bytes = 1000};
  static void fill_to(std::size_t places, DatagramQueue& queue) {
    while (queue.size_bytes() + 100 <= places * 100)
      ASSERT_EQ(queue.push(datagram(0), "", 1), Outcome::kTaken);
  }
  DatagramQueue queue_{storage::OverflowQueue::in_memory(20'000), kOptions};
};

TEST_F(DatagramQueueTest, GivesChunksInOrder) {
  for (int i = 0; i < 30; ++i)
    ASSERT_EQ(queue_.push("datagram " + std::to_string(i), i < 20 ? "192.0.2.1" : "192.0.2.2", 7),
              Outcome::kTaken);
  int next = 0;
  int chunks = 0;
  while (const auto chunk = queue_.take()) {
    ++chunks;
    DatagramChunkReader reader(chunk->bytes);
    EXPECT_EQ(queue_.oldest_arrival(), 7);
    for (std::string_view bytes; reader.next(bytes); ++next) {
      EXPECT_EQ(bytes, "datagram " + std::to_string(next));
      EXPECT_EQ(reader.peer(), next < 20 ? "192.0.2.1" : "192.0.2.2");
    }
    EXPECT_GT(queue_.size_bytes(), 0U);
    EXPECT_EQ(chunk->position, "");
    queue_.done(*chunk);
  }
  EXPECT_EQ(next, 30);
  EXPECT_EQ(queue_.size_bytes(), 0U);
  EXPECT_EQ(queue_.oldest_arrival(), std::nullopt);
  EXPECT_EQ(chunks, 1);
}

TEST_F(DatagramQueueTest, ChunksHaveABound) {
  fill_to(50, queue_);
  int chunks = 0;
  for (; queue_.take(); ++chunks) {
  }
  EXPECT_GE(chunks, 4);
  EXPECT_LE(chunks, 6);
}

TEST_F(DatagramQueueTest, LeavesOutTheLessSevereFirst) {
  const auto outcomes = [](std::size_t places) {
    std::string out;
    for (int severity = 0; severity < 8; ++severity) {
      DatagramQueue queue(storage::OverflowQueue::in_memory(20'000), kOptions);
      fill_to(places, queue);
      const Outcome outcome = queue.push(datagram(severity), "", 1);
      out += outcome == Outcome::kTaken ? 't' : outcome == Outcome::kLessSevere ? 'l' : 'f';
    }
    return out;
  };
  EXPECT_EQ(outcomes(10), "tttttttt");
  EXPECT_EQ(outcomes(69), "tttttttt");
  EXPECT_EQ(outcomes(71), "ttttttll");
  EXPECT_EQ(outcomes(91), "ttttllll");
  EXPECT_EQ(outcomes(100), "ffffffff");
}

TEST_F(DatagramQueueTest, WhatHasNoPriorityIsANotice) {
  const std::string plain(92, 'x');
  fill_to(80, queue_);
  EXPECT_EQ(queue_.push(plain, "", 1), Outcome::kTaken);
  fill_to(95, queue_);
  EXPECT_EQ(queue_.push(plain, "", 1), Outcome::kLessSevere);
}

TEST_F(DatagramQueueTest, WhatIsBeingWrittenCounts) {
  fill_to(100, queue_);
  const auto chunk = queue_.take();
  ASSERT_TRUE(chunk.has_value());
  EXPECT_EQ(queue_.push(datagram(0), "", 1), Outcome::kFull);
  queue_.done(*chunk);
  EXPECT_EQ(queue_.push(datagram(0), "", 1), Outcome::kTaken);
}

TEST_F(DatagramQueueTest, EmptyDatagramsCountToo) {
  std::size_t taken = 0;
  while (queue_.push("", "192.0.2.1", 1) == Outcome::kTaken) ++taken;
  EXPECT_LE(taken, 10'000U);
}

TEST_F(DatagramQueueTest, CountsWhatIsLostWithoutADisk) {
  for (int i = 0; i < 30; ++i) ASSERT_EQ(queue_.push(datagram(0), "", 1), Outcome::kTaken);
  const auto chunk = queue_.take();
  queue_.close();
  EXPECT_EQ(queue_.keep(chunk), 30U);
}

/// The same with 400 places more on disk.
class DatagramSpillTest : public testing::Test {
 protected:
  DatagramSpillTest() { open(); }
  void open(std::string_view position = {}) {
    queue_.reset();
    files_ = disk_.mount();
    auto overflow = storage::OverflowQueue::open(
        *files_,
        {.folder = "/queue", .memory_bytes = 10'000, .disk_bytes = 40'000, .file_bytes = 5000},
        position);
    ASSERT_TRUE(overflow.has_value());
    queue_.emplace(
        *std::move(overflow),
        DatagramQueue::Options{.memory_bytes = 10'000, .disk_bytes = 40'000, .chunk_bytes = 1000});
  }
  /// Numbered datagrams until no more are taken, or so many.
  std::size_t fill(std::size_t most = 10'000) {
    std::size_t count = 0;
    while (count < most) {
      std::string bytes = numbered(next_);
      if (queue_->push(bytes, "192.0.2.1", 1) != Outcome::kTaken) break;
      ++next_;
      ++count;
    }
    return count;
  }
  static std::string numbered(std::size_t number) {
    std::string bytes = "<8>" + std::to_string(number) + " ";
    bytes.resize(99, 'x');
    return bytes;
  }
  static void expect_numbers(const std::vector<std::string>& found, std::size_t first) {
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], numbered(first + i)) << i;
  }

  SimulatedDisk disk_{1};
  std::shared_ptr<FileSystem> files_;
  std::optional<DatagramQueue> queue_;
  std::size_t next_ = 0;
};

TEST_F(DatagramSpillTest, GoesFromMemoryToDiskToRefusal) {
  EXPECT_GT(fill(), 400U);
  EXPECT_GT(queue_->overflow().disk_bytes, 30'000U);
  EXPECT_LE(queue_->overflow().disk_bytes, 40'000U);
  EXPECT_LE(queue_->overflow().memory_bytes, 10'000U);
  EXPECT_EQ(queue_->push(datagram(0), "", 1), Outcome::kFull);
  const auto found = drain(*queue_);
  EXPECT_EQ(found.size(), next_);
  expect_numbers(found, 0);
  EXPECT_EQ(queue_->size_bytes(), 0U);
  EXPECT_TRUE(disk_.files().empty());
  EXPECT_EQ(queue_->push(datagram(7), "", 1), Outcome::kTaken);
}

TEST_F(DatagramSpillTest, WhatIsOnDiskIsThereAfterACrash) {
  fill();
  std::string position;
  std::size_t stored = 0;
  while (position.empty()) {
    const auto chunk = queue_->take();
    position = chunk->position;
    stored += count_datagrams(chunk->bytes);
    queue_->done(*chunk);
  }
  open(position);
  EXPECT_GT(queue_->size_bytes(), 0U);
  const auto found = drain(*queue_);
  EXPECT_GT(found.size(), 200U);
  expect_numbers(found, stored);
}

TEST_F(DatagramSpillTest, AnEndKeepsWhatIsNotStored) {
  fill(300);
  const auto chunk = queue_->take();
  const std::size_t in_chunk = count_datagrams(chunk->bytes);
  queue_->close();
  EXPECT_EQ(queue_->keep(chunk), 0U);
  open();
  auto found = drain(*queue_);
  EXPECT_EQ(found.size(), 300U);
  // What was in memory comes behind what was on disk.
  std::sort(found.begin(), found.end());
  EXPECT_EQ(std::unique(found.begin(), found.end()), found.end());
  EXPECT_GT(in_chunk, 0U);
}

TEST_F(DatagramSpillTest, ADiskThatFailsIsNotAskedForEachDatagram) {
  fill(150);
  ASSERT_GT(queue_->overflow().disk_bytes, 0U);
  const auto before = disk_.files().size();
  disk_.fail_once(SimulatedDisk::Operation::kAppend, ErrorCode::kIoError);
  std::size_t refused = 0;
  for (int i = 0; i < 30; ++i)
    refused += queue_->push(datagram(0), "", 1) == Outcome::kFull ? 1U : 0U;
  EXPECT_GT(refused, 10U);
  EXPECT_LE(disk_.files().size(), before + 1);
  EXPECT_GE(drain(*queue_).size(), 150U);
}

}  // namespace
}  // namespace livedata::server
