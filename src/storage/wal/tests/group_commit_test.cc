#include "storage/wal/group_commit.h"

#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace livedata::storage {
namespace {

TEST(GroupCommitTest, CommitsEveryRequestOnceAndOneGroupAtATime) {
  std::atomic<int> running{0};
  std::multiset<std::string> committed;
  std::size_t groups = 0;
  GroupCommit group([&](std::span<CommitRequest* const> requests) -> Result<void> {
    EXPECT_EQ(++running, 1);
    ++groups;
    for (const CommitRequest* request : requests) committed.insert(request->wal_record);
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // a disk: others gather meanwhile
    --running;
    return {};
  });
  constexpr int kThreads = 16;
  constexpr int kEach = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&group, t] {
      for (int i = 0; i < kEach; ++i) {
        ASSERT_TRUE(group.run({std::to_string(t * kEach + i), nullptr}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(committed.size(), static_cast<std::size_t>(kThreads * kEach));
  EXPECT_EQ(std::set<std::string>(committed.begin(), committed.end()).size(), committed.size());
  EXPECT_LT(groups, committed.size());
}

TEST(GroupCommitTest, AFailureReachesEveryoneInTheGroup) {
  GroupCommit group([](std::span<CommitRequest* const>) -> Result<void> {
    return fail(ErrorCode::kIoError, "disk");
  });
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      if (!group.run({"x", nullptr})) ++failed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 8);
}

}  // namespace
}  // namespace livedata::storage
