#include "storage/scan/overlaps.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace livedata::storage {
namespace {

// Oracle: at each time, count the intervals that cover it.
TEST(OverlapsTest, CoversExactlyTheTimesOfTwoOrMoreSources) {
  std::mt19937_64 random(5);
  const StreamId stream{1, 2};
  for (int round = 0; round < 1000; ++round) {
    Overlaps overlaps;
    std::vector<Overlaps::Interval> sources(random() % 6);
    for (auto& source : sources) {
      source.first = static_cast<TimestampNs>(random() % 40);
      source.last = source.first + static_cast<TimestampNs>(random() % 10);
      overlaps.add(stream, source.first, source.last);
    }
    overlaps.finish();
    for (TimestampNs time = 0; time < 60; ++time) {
      const auto covering = std::count_if(sources.begin(), sources.end(), [&](const auto& s) {
        return s.first <= time && time <= s.last;
      });
      ASSERT_EQ(contains(overlaps.of(stream), time), covering >= 2)
          << "round " << round << " time " << time;
    }
  }
}

}  // namespace
}  // namespace livedata::storage
