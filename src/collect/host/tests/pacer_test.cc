#include "collect/host/pacer.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "collect/host/host_metrics.h"
#include "collect/host/snapshot_source.h"

namespace livedata::collect::host {
namespace {

using std::chrono::seconds;

/// Runs tasks of given costs for so many seconds; how often each ran.
std::vector<std::uint64_t> run(Pacer& pacer, const std::vector<double>& costs, int duration) {
  const Pacer::Time start{seconds(1000)};
  std::vector<std::uint64_t> runs(costs.size());
  for (int second = 0; second < duration; ++second) {
    for (std::size_t i = 0; i < costs.size(); ++i) {
      if (!pacer.is_due(i, start + seconds(second))) continue;
      pacer.ran(i, costs[i]);
      ++runs[i];
    }
  }
  return runs;
}

TEST(PacerTest, TasksThatFitTheBudgetRunAsConfigured) {
  Pacer pacer(0.01);
  pacer.add("a", seconds(1));
  pacer.add("b", seconds(5));
  const auto runs = run(pacer, {0.001, 0.01}, 1000);
  EXPECT_NEAR(static_cast<double>(runs[0]), 1000, 5);
  EXPECT_NEAR(static_cast<double>(runs[1]), 200, 3);
  EXPECT_EQ(pacer.tasks()[0].skipped + pacer.tasks()[1].skipped, 0U);
}

TEST(PacerTest, TheDearOneIsSlowedAndTheCheapOneIsNot) {
  Pacer pacer(0.01);
  pacer.add("cheap", seconds(1));
  pacer.add("dear", seconds(5));
  constexpr int kDuration = 5000;
  const auto runs = run(pacer, {0.001, 0.5}, kDuration);
  EXPECT_NEAR(static_cast<double>(runs[0]), kDuration, 10);
  const double share =
      (0.001 * static_cast<double>(runs[0]) + 0.5 * static_cast<double>(runs[1])) / kDuration;
  EXPECT_LT(share, 0.0115);
  EXPECT_GT(share, 0.008);
  EXPECT_GT(pacer.tasks()[1].skipped, 500U);
}

TEST(PacerTest, NothingIsSlowedBeyondTheBound) {
  Pacer pacer(0.0001);
  pacer.add("dear", seconds(5));
  run(pacer, {10.0}, 2000);
  EXPECT_EQ(pacer.tasks()[0].paced_interval, Pacer::kLongest);
}

TEST(PacerTest, ItsPaceComesBackWhenItIsCheapAgain) {
  Pacer pacer(0.01);
  pacer.add("a", seconds(1));
  run(pacer, {0.1}, 300);
  EXPECT_GT(pacer.tasks()[0].paced_interval, seconds(5));
  for (int i = 0; i < 100; ++i) pacer.ran(0, 0.0001);
  EXPECT_EQ(pacer.tasks()[0].paced_interval, seconds(1));
}

TEST(PacerTest, OverheadLeavesLess) {
  Pacer pacer(0.01);
  pacer.add("a", seconds(1));
  pacer.set_overhead(0.005);
  run(pacer, {0.01}, 300);
  EXPECT_GT(pacer.tasks()[0].paced_interval, seconds(1));
}

TEST(PacerTest, EverythingRunsTwiceAtFirstAndThenSpreadOut) {
  Pacer pacer(0.01);
  for (int i = 0; i < 5; ++i) pacer.add("t", seconds(5));
  const Pacer::Time start{seconds(1000)};
  std::vector<int> counts;
  for (int second = 0; second < 12; ++second) {
    int count = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      if (!pacer.is_due(i, start + seconds(second))) continue;
      pacer.ran(i, 0);
      ++count;
    }
    counts.push_back(count);
  }
  EXPECT_EQ(counts, (std::vector<int>{5, 5, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}));
}

TEST(IntervalsTest, OneLineOrMany) {
  const auto intervals = parse_intervals("process=10s, cgroup=off\ncpu=1500ms system=1h");
  ASSERT_TRUE(intervals.has_value());
  EXPECT_EQ(*intervals, (Intervals{{"process", seconds(10)},
                                   {"cgroup", seconds(0)},
                                   {"cpu", std::chrono::milliseconds(1500)},
                                   {"system", std::chrono::hours(1)}}));
  EXPECT_TRUE(parse_intervals("")->empty());
}

TEST(IntervalsTest, MistakesAreNamed) {
  EXPECT_EQ(parse_intervals("proces=1s").error().message,
            "there is no collector 'proces'; did you mean 'process'?");
  for (const char* bad : {"cpu", "cpu=", "cpu=1", "cpu=-1s", "cpu=10ms", "cpu=25h", "cpu=1s1",
                          "cpu=99999999999999999999s", "cpu=9223372036854775807h"})
    EXPECT_FALSE(parse_intervals(bad).has_value()) << bad;
}

TEST(HostMetricsTest, WhatIsSwitchedOffIsNotThere) {
  const FakeClock clock;
  Logger logger(clock, LogLevel::kError);
  HostMetrics metrics({.host = "h", .intervals = *parse_intervals("cpu=off")},
                      std::make_unique<SnapshotSource>(), logger);
  EXPECT_EQ(metrics.render().find("collector=\"cpu\""), std::string::npos);
  EXPECT_EQ(metrics.costs().size(), HostMetrics::collectors().size() + 1);  // store, exposition
}

}  // namespace
}  // namespace livedata::collect::host
