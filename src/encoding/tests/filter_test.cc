// Filters: what they hold is always found; what they don't is let through at the rate they promise.
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "encoding/bloom_filter.h"
#include "encoding/gram_filter.h"

namespace livedata::encoding {
namespace {

template <class Filter>
Filter round_trip(const Filter& filter) {
  std::string bytes;
  ByteWriter out(bytes);
  filter.encode(out);
  ByteReader in(bytes);
  auto decoded = Filter::decode(in);
  EXPECT_TRUE(decoded.has_value() && in.done());
  return *decoded;
}

TEST(BloomFilterTest, FalsePositivesStayWithinAFifthOfTheTarget) {
  for (const double target : {0.05, 0.01, 0.002}) {
    std::vector<std::uint64_t> keys;
    for (std::uint64_t i = 0; i < 50'000; ++i) keys.push_back(hash64(std::to_string(i)));
    const BloomFilter filter = round_trip(BloomFilter::build(keys, target));
    for (const std::uint64_t key : keys) ASSERT_TRUE(filter.may_contain(key));
    std::size_t passed = 0;
    constexpr std::size_t kTried = 2'000'000;
    for (std::uint64_t i = 0; i < kTried; ++i) {
      if (filter.may_contain(hash64(std::to_string(i + 1'000'000)))) ++passed;
    }
    const double rate = static_cast<double>(passed) / kTried;
    EXPECT_NEAR(rate, target, target * 0.2) << "target " << target;
  }
}

TEST(BloomFilterTest, EmptyHoldsNothing) {
  EXPECT_FALSE(round_trip(BloomFilter::build({}, 0.01)).may_contain(42));
}

TEST(GramFilterTest, FindsEverySubstring) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    GramFilterBuilder builder;
    std::vector<std::string> texts;
    for (std::uint64_t n = random() % 50; n > 0; --n) {
      std::string text;
      for (std::uint64_t size = random() % 80; size > 0; --size)
        text += static_cast<char>(random() % (round % 2 == 0 ? 256 : 4));
      builder.add(text);
      texts.push_back(std::move(text));
    }
    const GramFilter filter = round_trip(builder.finish(0.5));
    for (const std::string& text : texts) {
      const std::size_t begin = random() % (text.size() + 1);
      ASSERT_TRUE(filter.may_contain(text.substr(begin, random() % 20)));
    }
  }
}

TEST(GramFilterTest, RefusesWordsThatAreNotThere) {
  GramFilterBuilder builder;
  for (int i = 0; i < 3000; ++i)
    builder.add("GET /api/items/" + std::to_string(i) + " status=200 duration=12ms");
  const GramFilter filter = builder.finish(0.5);
  EXPECT_FALSE(filter.may_contain("OutOfMemoryError"));
  EXPECT_FALSE(filter.may_contain("deadlock"));
  EXPECT_FALSE(filter.may_contain("status=503"));
  EXPECT_TRUE(filter.may_contain("tatus=20"));
  EXPECT_TRUE(filter.may_contain("xyz")) << "shorter than a gram: nothing is known";
  EXPECT_LE(filter.fill(), 0.5);
  EXPECT_LE(filter.size_bytes(), 4096U);
}

TEST(FilterTest, DamageIsAnErrorOrAnotherFilter) {
  std::mt19937_64 random(5);
  std::string bytes;
  ByteWriter out(bytes);
  BloomFilter::build({1, 2, 3}, 0.01).encode(out);
  GramFilterBuilder builder;
  builder.add("some text");
  builder.finish(0.5).encode(out);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = bytes.substr(0, random() % (bytes.size() + 1));
    if (!damaged.empty()) damaged[random() % damaged.size()] = static_cast<char>(random());
    ByteReader in(damaged);
    if (const auto bloom = BloomFilter::decode(in)) static_cast<void>(bloom->may_contain(7));
    if (const auto grams = GramFilter::decode(in)) static_cast<void>(grams->may_contain("abcdef"));
  }
}

}  // namespace
}  // namespace livedata::encoding
