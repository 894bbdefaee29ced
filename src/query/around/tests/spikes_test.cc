#include "query/around/spikes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::query::around {
namespace {

constexpr std::int64_t kBucket = 10 * kNsPerSecond;

class SpikesTest : public testing::Test {
 protected:
  SpikesTest() {
    history_.range = {0, 60 * kBucket};
    history_.bucket_ns = kBucket;
  }
  /// A metric with these values, one a bucket; the rest of the history repeats the first.
  void add(const std::string& source, const std::string& device, const std::string& field,
           const std::vector<double>& last) {
    MetricSeries series;
    for (std::size_t i = 0; i < 60; ++i) {
      const double value = i < 60 - last.size() ? last.front() : last[i - (60 - last.size())];
      const TimestampNs time = static_cast<std::int64_t>(i) * kBucket + 5;
      MetricBucket bucket;
      bucket.sum = value;
      bucket.min = bucket.max = value;
      bucket.min_time = bucket.max_time = time;
      bucket.count = 1;
      series.buckets.push_back(bucket);
    }
    history_.series[{source, device, field}] = series;
  }
  [[nodiscard]] std::vector<Spike> find(std::size_t limit = 10) const {
    return find_spikes(history_, {50 * kBucket, 60 * kBucket}, limit);
  }

  MetricHistory history_;
};

TEST_F(SpikesTest, TellsWhatMovedAndWhen) {
  add("cpu", "", "busy_percent", {10, 95, 10});
  add("memory", "", "used_percent", {40, 41, 40});
  const auto spikes = find();
  ASSERT_EQ(spikes.size(), 1U);
  EXPECT_EQ(spikes[0].metric, (MetricKey{"cpu", "", "busy_percent"}));
  EXPECT_EQ(spikes[0].time, 58 * kBucket + 5);
  EXPECT_EQ(spikes[0].value, 95);
  EXPECT_EQ(spikes[0].usual, 10);
  EXPECT_DOUBLE_EQ(spikes[0].score, 85 / 2.0);
}

TEST_F(SpikesTest, AFallIsOneToo) {
  add("network", "eth0", "received_bytes_per_second", {5e6, 0, 0, 0});
  const auto spikes = find();
  ASSERT_EQ(spikes.size(), 1U);
  EXPECT_EQ(spikes[0].value, 0);
}

TEST_F(SpikesTest, WhatAlwaysJumpsIsNone) {
  std::vector<double> jumpy;
  for (int i = 0; i < 60; ++i) jumpy.push_back(i % 2 == 0 ? 0 : 80);
  add("cpu", "", "busy_percent", jumpy);
  EXPECT_TRUE(find().empty());
}

TEST_F(SpikesTest, OfADeviceTheStrongestFieldSpeaks) {
  add("disk", "sda", "busy_percent", {1, 100});
  add("disk", "sda", "read_wait_ms", {1, 30});
  add("disk", "sdb", "read_wait_ms", {1, 40});
  add("cpu", "", "idle_percent", {90, 0});
  const auto spikes = find();
  ASSERT_EQ(spikes.size(), 2U);
  EXPECT_EQ(spikes[0].metric, (MetricKey{"disk", "sda", "busy_percent"}));
  EXPECT_EQ(spikes[1].metric, (MetricKey{"disk", "sdb", "read_wait_ms"}));
  EXPECT_EQ(find(1).size(), 1U);
}

TEST_F(SpikesTest, WhatIsBeforeTheRangeOrShortIsNone) {
  add("cpu", "", "busy_percent", {10, 95, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10});
  EXPECT_TRUE(find().empty());
  history_.series.clear();
  add("cpu", "", "busy_percent", {10, 95});
  auto& buckets = history_.series.begin()->second.buckets;
  for (std::size_t i = 0; i < 55; ++i) buckets[i] = {};
  EXPECT_TRUE(find().empty());
}

}  // namespace
}  // namespace livedata::query::around
