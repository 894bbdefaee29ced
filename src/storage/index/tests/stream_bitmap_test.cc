#include "storage/index/stream_bitmap.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace livedata::storage {
namespace {

/// Random ordinals in the shapes that choose each kind of container.
std::vector<StreamOrdinal> random_ordinals(std::mt19937_64& random) {
  std::set<StreamOrdinal> ordinals;
  const auto base = static_cast<StreamOrdinal>(random() % 200'000);
  switch (random() % 3) {
    case 0:
      for (std::uint64_t n = random() % 300; n > 0; --n)
        ordinals.insert(static_cast<StreamOrdinal>(random() % 300'000));
      break;
    case 1:
      for (StreamOrdinal i = 0; i < random() % 70'000; ++i) ordinals.insert(base + i);
      break;
    default:
      for (StreamOrdinal i = 0; i < 20'000; ++i) {
        if (random() % 2 == 0) ordinals.insert(base + i);
      }
  }
  return {ordinals.begin(), ordinals.end()};
}

TEST(StreamBitmapTest, RoundTripsEveryKindOfContainer) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 60; ++round) {
    const auto ordinals = random_ordinals(random);
    std::string bytes;
    encoding::ByteWriter out(bytes);
    StreamBitmap::build(ordinals).encode(out);
    encoding::ByteReader in(bytes);
    const auto decoded = StreamBitmap::decode(in, 300'000);
    ASSERT_TRUE(decoded.has_value() && in.done());
    std::vector<StreamOrdinal> visited;
    decoded->for_each([&](StreamOrdinal i) { visited.push_back(i); });
    ASSERT_EQ(visited, ordinals);
    StreamSet set(300'000);
    decoded->add_to(set);
    ASSERT_EQ(set.ordinals(), ordinals);
    ASSERT_EQ(decoded->size(), ordinals.size());
  }
}

TEST(StreamBitmapTest, DamageIsFoundOrGivesOrdinalsInRange) {
  std::mt19937_64 random(2);
  std::string bytes;
  encoding::ByteWriter out(bytes);
  StreamBitmap::build(std::vector<StreamOrdinal>{1, 2, 3, 9, 70'000, 70'001}).encode(out);
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = bytes.substr(0, random() % (bytes.size() + 1));
    if (!damaged.empty()) damaged[random() % damaged.size()] = static_cast<char>(random());
    encoding::ByteReader in(damaged);
    const auto decoded = StreamBitmap::decode(in, 80'000);
    if (decoded) decoded->for_each([](StreamOrdinal i) { ASSERT_LT(i, 80'000U); });
  }
}

TEST(StreamSetTest, RangesMeetAsSingleBitsDo) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    StreamSet set(500);
    std::set<StreamOrdinal> oracle;
    const auto first = static_cast<StreamOrdinal>(random() % 500);
    const auto last = static_cast<StreamOrdinal>(first + random() % (500 - first));
    set.insert_range(first, last);
    for (StreamOrdinal i = first; i <= last; ++i) oracle.insert(i);
    ASSERT_EQ(set.ordinals(), std::vector<StreamOrdinal>(oracle.begin(), oracle.end()));
    const auto from = static_cast<StreamOrdinal>(random() % 500);
    const auto to = static_cast<StreamOrdinal>(from + random() % (500 - from));
    const auto hit = oracle.lower_bound(from);
    ASSERT_EQ(set.meets(from, to), hit != oracle.end() && *hit <= to);
  }
}

}  // namespace
}  // namespace livedata::storage
