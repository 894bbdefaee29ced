#include "server/http/event_stream.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<DroppedEntry> entry(TimestampNs timestamp) { return {{"{}", timestamp}}; }

std::vector<TimestampNs> dropped_times(EventStream& stream) {
  std::vector<TimestampNs> times;
  for (const DroppedEntry& dropped : stream.take_dropped_entries())
    times.push_back(dropped.timestamp);
  return times;
}

TEST(EventStreamTest, GivesEventsInOrderOnce) {
  EventStream stream(100);
  EXPECT_THAT(stream.take(), IsEmpty());
  stream.push("one");
  stream.push("two");
  EXPECT_THAT(stream.take(), ElementsAre("one", "two"));
  EXPECT_THAT(stream.take(), IsEmpty());
  EXPECT_EQ(stream.take_dropped(), 0U);
}

TEST(EventStreamTest, TheOldestGoWhenTheQueueIsFull) {
  EventStream stream(8);
  stream.push("1111", entry(1));
  stream.push("2222", entry(2));
  EXPECT_EQ(stream.take_dropped(), 0U);
  stream.push("3333", entry(3));
  stream.push("4", entry(4));
  EXPECT_THAT(stream.take(), ElementsAre("3333", "4"));
  EXPECT_EQ(stream.take_dropped(), 2U);
  EXPECT_EQ(stream.take_dropped(), 0U);
  EXPECT_THAT(dropped_times(stream), ElementsAre(1, 2));
  EXPECT_THAT(dropped_times(stream), IsEmpty());
}

TEST(EventStreamTest, WhatIsTakenMakesRoom) {
  EventStream stream(8);
  for (int round = 0; round < 3; ++round) {
    stream.push("12345678");
    EXPECT_EQ(stream.take().size(), 1U);
  }
  EXPECT_EQ(stream.take_dropped(), 0U);
}

TEST(EventStreamTest, AnEventThatIsTooLargeStaysUntilTheNextOne) {
  EventStream stream(4);
  stream.push("much too large", entry(1));
  EXPECT_EQ(stream.take_dropped(), 0U);
  stream.push("ok", entry(2));
  EXPECT_EQ(stream.take_dropped(), 1U);
  EXPECT_THAT(stream.take(), ElementsAre("ok"));
}

TEST(EventStreamTest, CountsAllButNamesOnlySomeDroppedEntries) {
  EventStream stream(1);
  for (TimestampNs i = 0; i <= 250; ++i) stream.push("x", entry(i));
  stream.count_dropped(5);
  EXPECT_EQ(stream.take_dropped(), 255U);
  const auto times = dropped_times(stream);
  ASSERT_EQ(times.size(), 100U);
  EXPECT_EQ(times.front(), 0);
  EXPECT_EQ(times.back(), 99);
}

TEST(EventStreamTest, AfterCloseNothingHappens) {
  EventStream stream(100);
  int woken = 0;
  stream.on_push([&] { ++woken; });
  stream.push("one");
  EXPECT_FALSE(stream.closed());
  stream.close();
  EXPECT_TRUE(stream.closed());
  stream.push("two");
  EXPECT_THAT(stream.take(), IsEmpty());
  EXPECT_EQ(woken, 1);
}

TEST(EventStreamTest, ManyThreadsLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kEvents = 500;
  EventStream stream(1000);
  std::atomic<int> woken = 0;
  stream.on_push([&] { ++woken; });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEvents; ++i) stream.push("event");
    });
  }
  std::uint64_t taken = 0;
  for (int i = 0; i < 100; ++i) taken += stream.take().size();
  for (std::thread& thread : threads) thread.join();
  taken += stream.take().size();
  EXPECT_EQ(taken + stream.take_dropped(), std::uint64_t{kThreads} * kEvents);
  EXPECT_EQ(woken, kThreads * kEvents);
}

}  // namespace
}  // namespace livedata::server
