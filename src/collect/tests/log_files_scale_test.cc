#include <set>
#include <thread>

#include "collect/files/follower.h"
#include "collect/tests/followed_files.h"

namespace livedata::collect {
namespace {

using namespace std::chrono_literals;

/// With a thread of its own and the machine's clock.
class FollowerTest : public FollowedFiles {
 protected:
  ~FollowerTest() override { stop(); }

  void follow_now() {
    stop();
    files_ = std::make_unique<LogFiles>(
        options_,
        [this](const ingest::Decoded& decoded, const Bookmarks& bookmarks) {
          const std::lock_guard lock(mutex_);
          return store(decoded.batch, bookmarks);
        },
        saved_, limits_, system_clock_, logger_, registry_);
    follower_ = std::make_unique<Follower>(*files_, [](const Result<void>&) {});
  }
  void stop() {
    follower_.reset();
    files_.reset();
  }
  std::size_t num_records() {
    const std::lock_guard lock(mutex_);
    return records_.size();
  }
  bool wait_for(std::size_t count) {
    for (int i = 0; i < 6000 && num_records() < count; ++i) std::this_thread::sleep_for(10ms);
    return num_records() == count;
  }

  std::mutex mutex_;
  SystemClock system_clock_;
  MetricRegistry registry_;
  std::unique_ptr<Follower> follower_;
};

TEST_F(FollowerTest, LinesOfManyFilesAreSeenAtOnceAndWaitingCostsNothing) {
  constexpr int kFiles = 2000;
  follow({"*.log"});
  options_.sets = {set_};
  for (int i = 0; i < kFiles; ++i) append("one\n", std::to_string(i) + ".log");
  follow_now();
  ASSERT_TRUE(wait_for(kFiles));
  std::this_thread::sleep_for(50ms);
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(1s);
  const double busy = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  EXPECT_LT(busy, 0.05);
  const auto begin = std::chrono::steady_clock::now();
  append("two\n", "1234.log");
  ASSERT_TRUE(wait_for(kFiles + 1));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
}

// Rotation by another thread at the same time, by renaming and by copying, with restarts.
TEST_F(FollowerTest, StormsOfRotationsLoseNothing) {
  options_.sets = {set_};
  append("line 0\n");
  follow_now();
  // What was rotated before the very first look is not asked for.
  ASSERT_TRUE(wait_for(1));
  constexpr int kLines = 6000;
  std::jthread writer([this] {
    int rotated = 0;
    for (int i = 1; i < kLines; ++i) {
      append("line " + std::to_string(i) + "\n");
      if (i % 50 == 49) rename("app.log", "app.log." + std::to_string(++rotated));
      if (i % 500 == 70) {
        copy("app.log", "app.log." + std::to_string(++rotated));
        truncate();
      }
    }
  });
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(50ms);
    follow_now();
  }
  writer.join();
  wait_for(kLines);
  std::this_thread::sleep_for(100ms);
  stop();
  std::multiset<std::string> lines;
  for (const Record& record : records_) lines.insert(record.line);
  Lines missing;
  for (int i = 0; i < kLines; ++i) {
    const std::string line = "line " + std::to_string(i);
    if (!lines.contains(line)) missing.push_back(line);
  }
  EXPECT_THAT(missing, testing::IsEmpty());
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(kLines));
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(),
            static_cast<std::size_t>(kLines));
}

}  // namespace
}  // namespace livedata::collect
