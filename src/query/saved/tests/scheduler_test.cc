#include "query/saved/scheduler.h"

#include <unistd.h>

#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace livedata::query::saved {
namespace {

constexpr std::int64_t kMinute = 60 * kNsPerSecond;

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    std::filesystem::remove(path_);
    queries_ = *SavedQueries::open(files_, path_);
    // Ten seconds past a minute.
    clock_.advance(std::chrono::nanoseconds(kMinute - clock_.now() % kMinute + 10 * kNsPerSecond));
    start_ = clock_.now() / kMinute * kMinute;
    restart();
  }
  ~SchedulerTest() override { std::filesystem::remove(path_); }

  void save(std::string name, std::int64_t every, std::int64_t delay = 0) {
    ASSERT_TRUE(queries_->put({.name = std::move(name),
                               .language = Language::kSql,
                               .text = "SELECT 1",
                               .schedule = Schedule{every, delay}}));
  }

  /// As a new process with what was stored.
  void restart() {
    scheduler_.emplace(
        Scheduler::Options{.saved = stored_}, *queries_,
        [this](const SavedQuery& query, const TimeRange& range,
               const Deadline&) -> Result<std::string> {
          asked_.emplace_back(query.name, range);
          if (ask_error_) return fail(*ask_error_);
          return "{\"n\":1}\n";
        },
        [this](RecordBatch batch, const Bookmarks& bookmarks) -> Result<void> {
          if (record_error_) return fail(*record_error_);
          for (const auto& [key, value] : bookmarks) stored_[key] = value;
          for (const TimestampNs time : batch.timestamps())
            recorded_.push_back((time - start_) / kMinute);
          return {};
        },
        clock_, logger_, metrics_);
  }

  void pass(std::int64_t nanoseconds) { clock_.advance(std::chrono::nanoseconds(nanoseconds)); }

  PosixFileSystem files_;
  FakeClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  const Path path_ =
      std::filesystem::path(testing::TempDir()) /
      fmt::format("{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(),
                  ::getpid());
  std::unique_ptr<SavedQueries> queries_;
  TimestampNs start_ = 0;
  Bookmarks stored_;
  std::vector<std::pair<std::string, TimeRange>> asked_;
  std::vector<std::int64_t> recorded_;  // minutes since the start
  std::optional<Error> ask_error_;
  std::optional<Error> record_error_;
  std::optional<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, EachTimeOnce) {
  save("a", kMinute);
  for (int second = 0; second < 180; ++second) {
    scheduler_->run_due();
    pass(kNsPerSecond);
  }
  EXPECT_EQ(recorded_, (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(asked_[1].second, (TimeRange{start_, start_ + kMinute}));
  EXPECT_EQ(scheduler_->status("a").runs, 4U);
  EXPECT_EQ(scheduler_->status("a").last, start_ + 3 * kMinute);
}

TEST_F(SchedulerTest, ADelayWaitsForLateRecords) {
  save("a", kMinute, 30 * kNsPerSecond);
  scheduler_->run_due();
  recorded_.clear();
  pass(65 * kNsPerSecond);  // 75 seconds past the start
  scheduler_->run_due();
  EXPECT_EQ(recorded_, std::vector<std::int64_t>{0}) << "the first minute is asked at 90 seconds";
  pass(20 * kNsPerSecond);
  scheduler_->run_due();
  EXPECT_EQ(recorded_, (std::vector<std::int64_t>{0, 1}));
}

TEST_F(SchedulerTest, MissedTimesAreMadeUpForAfterARestart) {
  save("a", kMinute);
  scheduler_->run_due();
  pass(5 * kMinute);
  restart();
  scheduler_->run_due();
  EXPECT_EQ(recorded_, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
  restart();
  scheduler_->run_due();
  EXPECT_EQ(recorded_.size(), 6U) << "nothing twice";
}

TEST_F(SchedulerTest, ALongPauseIsMadeUpForInPart) {
  save("a", kMinute);
  scheduler_->run_due();
  pass(1000 * kMinute);
  scheduler_->run_due();
  EXPECT_EQ(recorded_.size(), 101U);
  EXPECT_EQ(recorded_.back(), 1000);
  EXPECT_EQ(scheduler_->status("a").skipped, 900U);
}

TEST_F(SchedulerTest, WhatPassesIsTriedAgain) {
  save("a", kMinute);
  record_error_ = Error{ErrorCode::kResourceExhausted, "full"};
  scheduler_->run_due();
  scheduler_->run_due();
  EXPECT_EQ(scheduler_->status("a").error, "full");
  EXPECT_EQ(scheduler_->status("a").failures, 2U);
  record_error_.reset();
  scheduler_->run_due();
  EXPECT_EQ(recorded_, std::vector<std::int64_t>{0});
  EXPECT_EQ(scheduler_->status("a").error, "");
}

TEST_F(SchedulerTest, AWrongQueryGoesOnWithItsNextTime) {
  save("bad", kMinute);
  save("good", kMinute);
  ask_error_ = Error{ErrorCode::kInvalidArgument, "no such column"};
  scheduler_->run_due();
  scheduler_->run_due();
  EXPECT_EQ(asked_.size(), 2U) << "once each";
  ask_error_.reset();
  pass(kMinute);
  scheduler_->run_due();
  EXPECT_EQ(recorded_, (std::vector<std::int64_t>{1, 1}));
}

TEST_F(SchedulerTest, AChangedQueryHasNoPast) {
  save("a", kMinute);
  scheduler_->run_due();
  pass(kMinute);
  save("a", 10 * kMinute);
  scheduler_->run_due();
  pass(10 * kMinute);
  scheduler_->run_due();
  EXPECT_LE(recorded_.size(), 3U);
  ASSERT_TRUE(queries_->remove("a"));
  const std::size_t before = asked_.size();
  pass(100 * kMinute);
  scheduler_->run_due();
  EXPECT_EQ(asked_.size(), before);
}

TEST_F(SchedulerTest, AStoppedOneAsksNothing) {
  save("a", kMinute);
  scheduler_->stop();
  scheduler_->run_due();
  EXPECT_TRUE(recorded_.empty());
}

}  // namespace
}  // namespace livedata::query::saved
