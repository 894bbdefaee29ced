#include "tenant/token_bucket.h"

#include <random>

#include <gtest/gtest.h>

namespace livedata::tenant {
namespace {

using namespace std::chrono_literals;

TEST(TokenBucketTest, LetsTheBurstThroughAndThenTheRate) {
  TokenBucket::TimePoint now{};
  TokenBucket bucket({.per_second = 10, .burst = 20}, now);
  EXPECT_TRUE(bucket.take(20, now));
  EXPECT_FALSE(bucket.take(1, now));
  EXPECT_EQ(bucket.wait_for(1, now), 100ms + 1ns);
  EXPECT_TRUE(bucket.take(1, now + 101ms));
  EXPECT_FALSE(bucket.take(1, now + 102ms));
}

TEST(TokenBucketTest, HoldsTheRateWithinFivePercentOverHalfAMinute) {
  std::mt19937 random(3);
  for (const double rate : {3.0, 100.0, 10'000.0, 5e6}) {
    for (const double share : {0.001, 0.05, 0.9, 3.0}) {  // of a second's worth, in a portion
      TokenBucket::TimePoint now{};
      TokenBucket bucket({.per_second = rate, .burst = rate}, now);
      bucket.take(rate, now);
      double let_through = 0;
      const double portion = std::max(1.0, rate * share);
      const TokenBucket::TimePoint end = now + 30s;
      while (now < end) {
        if (bucket.take(portion, now)) let_through += portion;
        now += std::chrono::nanoseconds(
            std::uniform_int_distribution<std::int64_t>(0, 2'000'000)(random));
      }
      // The last portion may be in debt.
      EXPECT_NEAR(let_through, rate * 30, rate * 30 * 0.05 + portion) << rate << " " << share;
    }
  }
}

TEST(TokenBucketTest, ALargePortionIsLetThroughWhenTheBucketIsFull) {
  TokenBucket::TimePoint now{};
  TokenBucket bucket({.per_second = 10, .burst = 10}, now);
  EXPECT_TRUE(bucket.take(100, now));
  EXPECT_LT(bucket.left(now), 0);
  EXPECT_FALSE(bucket.take(1, now + 9s));
  EXPECT_TRUE(bucket.take(1, now + 9s + 200ms));
}

TEST(TokenBucketTest, AClockThatGoesBackNeitherGrantsNorBlocks) {
  TokenBucket::TimePoint now{1h};
  TokenBucket bucket({.per_second = 10, .burst = 10}, now);
  EXPECT_TRUE(bucket.take(10, now));
  EXPECT_FALSE(bucket.take(1, now - 30min));
  EXPECT_FALSE(bucket.take(1, now));
  EXPECT_TRUE(bucket.take(1, now + 100ms));
}

TEST(TokenBucketTest, WhatIsGivenBackCanBeTakenAgain) {
  TokenBucket::TimePoint now{};
  TokenBucket bucket({.per_second = 10, .burst = 10}, now);
  EXPECT_TRUE(bucket.take(10, now));
  bucket.give_back(4);
  EXPECT_TRUE(bucket.take(4, now));
  bucket.give_back(100);
  EXPECT_DOUBLE_EQ(bucket.tokens(now), 10);
}

}  // namespace
}  // namespace livedata::tenant
