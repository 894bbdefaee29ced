// The one-pass accumulator against windows that are evaluated one by one.
#include <cmath>
#include <optional>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "query/plan/range_accumulator.h"
#include "query/plan/vector_aggregation.h"

namespace livedata::query::plan {
namespace {

struct TimedSample {
  TimestampNs time;
  double value;
};

/// By definition: the samples of (t - offset - range, t - offset] in the order of their times.
std::optional<double> by_definition(RangeFunction function, const RangeWindow& window,
                                    std::vector<TimedSample> samples, std::size_t step) {
  const TimestampNs until = window.grid.at(step) - window.offset;
  std::stable_sort(samples.begin(), samples.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  std::erase_if(samples, [&](const TimedSample& s) {
    return s.time > until || s.time <= until - window.range;
  });
  if (samples.empty()) return std::nullopt;
  std::vector<double> values;
  for (const TimedSample& sample : samples) values.push_back(sample.value);
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  double squares = 0;
  for (const double value : values) squares += (value - sum / count) * (value - sum / count);
  switch (function) {
    case RangeFunction::kCount:
    case RangeFunction::kSum:
      return sum;
    case RangeFunction::kAvg:
      return sum / count;
    case RangeFunction::kMin:
      return *std::min_element(values.begin(), values.end());
    case RangeFunction::kMax:
      return *std::max_element(values.begin(), values.end());
    case RangeFunction::kFirst:
      return values.front();
    case RangeFunction::kLast:
      return values.back();
    case RangeFunction::kStdvar:
      return squares / count;
    case RangeFunction::kStddev:
      return std::sqrt(squares / count);
    case RangeFunction::kQuantile: {
      std::sort(values.begin(), values.end());
      const double rank = 0.9 * (count - 1);
      const auto low = static_cast<std::size_t>(rank);
      const auto high = std::min(low + 1, values.size() - 1);
      return values[low] + (values[high] - values[low]) * (rank - static_cast<double>(low));
    }
    case RangeFunction::kCounterIncrease: {
      double increase = values.back() - values.front();
      for (std::size_t i = 1; i < values.size(); ++i)
        increase += values[i] < values[i - 1] ? values[i - 1] : 0;
      return increase;
    }
    case RangeFunction::kCountDistinct:
      return static_cast<double>(std::set<double>(values.begin(), values.end()).size());
  }
  return std::nullopt;
}

class AccumulatorTest : public testing::TestWithParam<RangeFunction> {};

TEST_P(AccumulatorTest, GivesWhatTheWindowsGiveOneByOne) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 200; ++round) {
    RangeWindow window;
    window.grid = {.start = static_cast<TimestampNs>(random() % 50),
                   .step = static_cast<std::int64_t>(1 + random() % 7),
                   .count = 1 + random() % 20};
    window.range = static_cast<std::int64_t>(1 + random() % 30);
    window.offset = static_cast<std::int64_t>(random() % 20) - 10;
    std::vector<TimedSample> samples;
    std::set<TimestampNs> times;  // each once, so that first and last are certain
    for (int i = 0; i < 30; ++i) {
      const auto time = static_cast<TimestampNs>(random() % 200) - 30;
      if (times.insert(time).second) samples.push_back({time, static_cast<double>(random() % 10)});
    }
    MemoryBudget budget(1'000'000);
    std::vector<RangeAccumulator> parts(2, RangeAccumulator(GetParam(), 0.9, window, budget));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      RangeAccumulator& part = parts[random() % 2];
      auto cells = part.series("key", [] { return Labels(std::vector<Label>{{"a", "b"}}); });
      ASSERT_TRUE(cells && part.add(**cells, samples[i].time, samples[i].value));
    }
    ASSERT_TRUE(parts[0].merge(std::move(parts[1])));
    const StepVector got = parts[0].finish(1);
    for (std::size_t step = 0; step < window.grid.count; ++step) {
      const auto expected = by_definition(GetParam(), window, samples, step);
      const bool has = !got.empty() && got.front().has(step);
      ASSERT_EQ(has, expected.has_value()) << "round " << round << " step " << step;
      if (!has) continue;
      EXPECT_NEAR(got.front().value(step), *expected, 1e-9)
          << "round " << round << " step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, AccumulatorTest,
                         testing::Values(RangeFunction::kCount, RangeFunction::kSum,
                                         RangeFunction::kAvg, RangeFunction::kMin,
                                         RangeFunction::kMax, RangeFunction::kFirst,
                                         RangeFunction::kLast, RangeFunction::kStddev,
                                         RangeFunction::kStdvar, RangeFunction::kCounterIncrease,
                                         RangeFunction::kQuantile, RangeFunction::kCountDistinct));

TEST(Accumulator, StopsAtTheBudget) {
  MemoryBudget budget(100'000);
  RangeAccumulator accumulator(RangeFunction::kCount, 0, {{0, 1, 1}, 1, 0}, budget);
  Result<void> status;
  int series = 0;
  while (status && series < 10'000) {
    const auto cells = accumulator.series(std::to_string(series++), [] { return Labels(); });
    status = cells ? accumulator.add(**cells, 0, 1) : Result<void>(fail(cells.error()));
  }
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("memory"), std::string::npos);
}

TEST(VectorAggregation, NaNCountsLast) {
  StepVector input;
  for (const double value : {std::nan(""), 1.0, 3.0}) {
    input.emplace_back(Labels(std::vector<Label>{{"v", std::to_string(value)}}));
    input.back().set(0, value);
  }
  EXPECT_EQ(aggregate(input, VectorFunction::kMax, {}, false)[0].value(0), 3);
  EXPECT_EQ(aggregate(input, VectorFunction::kMin, {}, false)[0].value(0), 1);
  const StepVector top = keep_extremes(input, 2, true, {}, false);
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].value(0) + top[1].value(0), 4);
}

}  // namespace
}  // namespace livedata::query::plan
