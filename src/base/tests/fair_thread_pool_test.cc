#include "base/fair_thread_pool.h"

#include <atomic>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata {
namespace {

using testing::ElementsAre;

/// Keeps the pool's only thread busy until it is opened. Must outlive the pool.
class Gate {
 public:
  void block(FairThreadPool& pool, const std::string& key) {
    EXPECT_TRUE(pool.try_submit(key, [this] {
      entered_.set_value();
      opened_.get_future().wait();
    }));
    entered_.get_future().wait();
  }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
};

TEST(FairThreadPoolTest, KeysTakeTurns) {
  Gate gate;
  std::vector<std::string> order;  // written by the one thread, read when it has ended
  {
    FairThreadPool pool("test", 1, 100);
    gate.block(pool, "a");
    const auto submit = [&](const std::string& key, const std::string& name) {
      EXPECT_TRUE(pool.try_submit(key, [&order, name] { order.push_back(name); }));
    };
    for (const char* name : {"a1", "a2", "a3", "a4"}) submit("a", name);
    for (const char* name : {"c1", "c2"}) submit("c", name);
    submit("b", "b1");
    EXPECT_EQ(pool.num_queued(), 7U);
    gate.open();
  }
  EXPECT_THAT(order, ElementsAre("b1", "c1", "a1", "c2", "a2", "a3", "a4"));
}

TEST(FairThreadPoolTest, EachQueueIsBounded) {
  Gate gate;
  std::atomic<int> run = 0;
  {
    FairThreadPool pool("test", 1, 2);
    gate.block(pool, "a");
    const auto submit = [&](const std::string& key) {
      return pool.try_submit(key, [&] { ++run; });
    };
    EXPECT_TRUE(submit("a"));
    EXPECT_TRUE(submit("a"));
    EXPECT_FALSE(submit("a"));
    EXPECT_TRUE(submit("b"));
    EXPECT_EQ(pool.num_queued(), 3U);
    gate.open();
  }
  EXPECT_EQ(run, 3);
}

TEST(FairThreadPoolTest, WhatHasRunMakesRoom) {
  FairThreadPool pool("test", 1, 1);
  for (int i = 0; i < 100; ++i) {
    std::promise<void> done;
    ASSERT_TRUE(pool.try_submit("a", [&] { done.set_value(); }));
    done.get_future().wait();
  }
  EXPECT_EQ(pool.num_queued(), 0U);
}

TEST(FairThreadPoolTest, DestructionRunsWhatIsQueued) {
  std::atomic<int> run = 0;
  {
    FairThreadPool pool("test", 3, 1000);
    for (int i = 0; i < 500; ++i)
      EXPECT_TRUE(pool.try_submit("key" + std::to_string(i % 7), [&] { ++run; }));
  }
  EXPECT_EQ(run, 500);
}

TEST(FairThreadPoolTest, RunsAsManyTasksAtATimeAsThereAreThreads) {
  constexpr int kThreads = 3;
  std::atomic<int> inside = 0;
  std::promise<void> all_inside;
  FairThreadPool pool("test", kThreads, 10);
  std::shared_future<void> released = all_inside.get_future().share();
  for (int i = 0; i < kThreads; ++i) {
    EXPECT_TRUE(pool.try_submit("a", [&, released] {
      if (++inside == kThreads) all_inside.set_value();
      released.wait();  // for ever, if fewer ran together
    }));
  }
  released.wait();
  EXPECT_EQ(inside, kThreads);
}

}  // namespace
}  // namespace livedata
