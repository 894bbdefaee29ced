#include "server/syslog/datagram_queue.h"

#include <gtest/gtest.h>

namespace livedata::server {
namespace {

using Outcome = DatagramQueue::Outcome;

std::string datagram(int severity, std::size_t size = 92) {
  std::string out = "<" + std::to_string(8 + severity) + ">";
  out.resize(size, 'x');
  return out;
}

/// A queue of 100 places of 100 bytes each.
class DatagramQueueTest : public testing::Test {
 protected:
  void fill_to(std::size_t places) {
    while (queue_.size_bytes() + 100 <= places * 100)
      ASSERT_EQ(queue_.push(datagram(0), ""), Outcome::kTaken);
  }
  DatagramQueue queue_{10'000, 1000};
};

TEST_F(DatagramQueueTest, GivesChunksInOrder) {
  for (int i = 0; i < 30; ++i)
    ASSERT_EQ(queue_.push("datagram " + std::to_string(i), i < 20 ? "192.0.2.1" : "192.0.2.2"),
              Outcome::kTaken);
  int next = 0;
  int chunks = 0;
  while (const auto chunk = queue_.take()) {
    ++chunks;
    chunk->for_each([&](std::string_view bytes, std::string_view peer) {
      EXPECT_EQ(bytes, "datagram " + std::to_string(next));
      EXPECT_EQ(peer, next < 20 ? "192.0.2.1" : "192.0.2.2");
      ++next;
    });
    EXPECT_GT(queue_.size_bytes(), 0U);
    queue_.release(*chunk);
  }
  EXPECT_EQ(next, 30);
  EXPECT_EQ(queue_.size_bytes(), 0U);
  EXPECT_EQ(chunks, 1);
}

TEST_F(DatagramQueueTest, ChunksHaveABound) {
  fill_to(50);
  int chunks = 0;
  for (; queue_.take(); ++chunks) {
  }
  EXPECT_GE(chunks, 4);
}

TEST_F(DatagramQueueTest, LeavesOutTheLessSevereFirst) {
  const auto outcomes = [&] {
    std::string out;
    for (int severity = 0; severity < 8; ++severity) {
      DatagramQueue copy_of_the_fill(10'000, 1000);
      while (copy_of_the_fill.size_bytes() < queue_.size_bytes())
        EXPECT_EQ(copy_of_the_fill.push(datagram(0), ""), Outcome::kTaken);
      const Outcome outcome = copy_of_the_fill.push(datagram(severity), "");
      out += outcome == Outcome::kTaken ? 't' : outcome == Outcome::kLessSevere ? 'l' : 'f';
    }
    return out;
  };
  EXPECT_EQ(outcomes(), "tttttttt");
  fill_to(69);
  EXPECT_EQ(outcomes(), "tttttttt");
  fill_to(71);
  EXPECT_EQ(outcomes(), "ttttttll");
  fill_to(91);
  EXPECT_EQ(outcomes(), "ttttllll");
  fill_to(100);
  EXPECT_EQ(outcomes(), "ffffffff");
}

TEST_F(DatagramQueueTest, WhatHasNoPriorityIsANotice) {
  const std::string plain(92, 'x');
  fill_to(80);
  EXPECT_EQ(queue_.push(plain, ""), Outcome::kTaken);
  fill_to(95);
  EXPECT_EQ(queue_.push(plain, ""), Outcome::kLessSevere);
}

TEST_F(DatagramQueueTest, WhatIsBeingWrittenCounts) {
  fill_to(100);
  const auto chunk = queue_.take();
  ASSERT_TRUE(chunk.has_value());
  EXPECT_EQ(queue_.push(datagram(0), ""), Outcome::kFull);
  queue_.release(*chunk);
  EXPECT_EQ(queue_.push(datagram(0), ""), Outcome::kTaken);
}

TEST_F(DatagramQueueTest, EmptyDatagramsCountToo) {
  std::size_t taken = 0;
  while (queue_.push("", "192.0.2.1") == Outcome::kTaken) ++taken;
  EXPECT_LE(taken, 10'000U);
}

}  // namespace
}  // namespace livedata::server
