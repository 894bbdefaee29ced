#include "query/diff/contrast.h"

#include <random>

#include <gtest/gtest.h>

namespace livedata::query::diff {
namespace {

TEST(ContrastTest, EqualRatesAreNoSurprise) {
  EXPECT_NEAR(surprise({100, 100}, {60, 60}), 0, 1e-9);
  EXPECT_NEAR(surprise({100, 400}, {60, 240}), 0, 1e-9);
  EXPECT_EQ(surprise({0, 0}, {60, 60}), 0);
}

TEST(ContrastTest, MoreEvidenceIsMoreSurprise) {
  EXPECT_GT(surprise({0, 20}, {60, 60}), kMinSurprise);
  EXPECT_GT(surprise({0, 200}, {60, 60}), surprise({0, 20}, {60, 60}));
  EXPECT_LT(surprise({0, 3}, {60, 60}), kMinSurprise);
  // 2 (120 ln(120/110) + 100 ln(100/110)), by hand
  EXPECT_NEAR(surprise({100, 120}, {60, 60}), 1.8212, 1e-3);
}

TEST(ContrastTest, ChanceIsRarelySurprising) {
  std::mt19937 random(1);
  std::poisson_distribution<int> counts(50);
  int surprising = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Sides seen{static_cast<double>(counts(random)), static_cast<double>(counts(random))};
    surprising += surprise(seen, {1, 1}) >= kMinSurprise ? 1 : 0;
  }
  EXPECT_LT(surprising, 30);  // one in a thousand is expected
}

TEST(ContrastTest, SamplesOfOneDistributionAreNoSurprise) {
  std::mt19937 random(2);
  std::normal_distribution<double> values(10, 2);
  int surprising = 0;
  for (int i = 0; i < 300; ++i) {
    std::vector<double> a(200);
    std::vector<double> b(300);
    for (double& value : a) value = values(random);
    for (double& value : b) value = values(random);
    surprising += surprise_of_samples(a, b) >= kMinSurprise ? 1 : 0;
  }
  EXPECT_LT(surprising, 6);
  std::vector<double> low(100, 1.0);
  std::vector<double> high(100, 2.0);
  EXPECT_NEAR(surprise_of_samples(low, high), 200, 1e-9);
}

TEST(ContrastTest, AllMoreAlikeIsNothingOfOneKind) {
  // Everything twice as often: a rate moved, its share did not.
  const Basis twice{.seconds = {60, 60}, .records = {1000, 2000}};
  EXPECT_LT(twice.score({100, 200}), kMinSurprise);
  // A service more than before: the others' shares moved, their rates did not.
  const Basis one_more{.seconds = {60, 60}, .records = {1000, 2000}};
  EXPECT_LT(one_more.score({1000, 1000}), kMinSurprise);
  EXPECT_GT(one_more.score({0, 1000}), kMinSurprise);
}

TEST(ContrastTest, OfTheRest) {
  const Basis basis{.against = Against::kRest, .records = {1000, 100}};
  EXPECT_EQ(basis.estimate({500, 50}), (Sides{450, 50}));
  EXPECT_NEAR(basis.score({500, 50}), 0, 1e-9);
  EXPECT_EQ(basis.change({50, 50}), Change::kNew);
  EXPECT_EQ(basis.change({500, 0}), Change::kGone);
  EXPECT_EQ(basis.change({500, 90}), Change::kMore);
}

}  // namespace
}  // namespace livedata::query::diff
