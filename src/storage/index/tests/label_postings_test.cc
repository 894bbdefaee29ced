#include "storage/index/label_postings.h"

#include <random>

#include <gtest/gtest.h>

namespace livedata::storage {
namespace {

std::vector<StreamRef> random_streams(std::mt19937_64& random, std::size_t count) {
  std::vector<StreamRef> streams;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<Label> labels{{"id", std::to_string(i)}};
    if (random() % 2 == 0) labels.push_back({"env", random() % 2 == 0 ? "prod" : "test"});
    if (random() % 3 == 0) labels.push_back({"host", "web" + std::to_string(random() % 4)});
    streams.push_back(std::make_shared<const Stream>(Labels(labels)));
  }
  return streams;
}

LabelMatcher random_matcher(std::mt19937_64& random) {
  static const std::vector<std::string> kNames = {"env", "host", "id", "absent"};
  static const std::vector<std::string> kValues = {"",   "prod",      "web1", "web.*",
                                                   ".+", "prod|test", "1?"};
  return *LabelMatcher::make(kNames[random() % kNames.size()], static_cast<MatchOp>(random() % 4),
                             kValues[random() % kValues.size()]);
}

// Oracle: the matchers applied to each stream's labels.
TEST(LabelPostingsTest, FindsWhatAFullScanFinds) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 500; ++round) {
    const auto streams = random_streams(random, random() % 40);
    std::vector<LabelMatcher> matchers;
    for (std::uint64_t n = random() % 4; n > 0; --n) matchers.push_back(random_matcher(random));
    std::vector<StreamOrdinal> expected;
    for (StreamOrdinal i = 0; i < streams.size(); ++i) {
      if (matches_all(matchers, streams[i]->labels)) expected.push_back(i);
    }
    const LabelPostings built = LabelPostings::build(streams);
    ASSERT_EQ(built.find(matchers).ordinals(), expected);
    std::string bytes;
    encoding::ByteWriter out(bytes);
    built.encode(out);
    encoding::ByteReader in(bytes);
    const auto decoded = LabelPostings::decode(in, streams.size());
    ASSERT_TRUE(decoded.has_value() && in.done());
    ASSERT_EQ(decoded->find(matchers).ordinals(), expected);
    const std::vector<Labels> rebuilt = decoded->label_sets();
    ASSERT_EQ(rebuilt.size(), streams.size());
    for (std::size_t i = 0; i < streams.size(); ++i) ASSERT_EQ(rebuilt[i], streams[i]->labels);
  }
}

TEST(LabelPostingsTest, RefusesOrdinalsBeyondTheStreams) {
  std::mt19937_64 random(7);
  const auto streams = random_streams(random, 10);
  std::string bytes;
  encoding::ByteWriter out(bytes);
  LabelPostings::build(streams).encode(out);
  encoding::ByteReader in(bytes);
  EXPECT_EQ(LabelPostings::decode(in, 9).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace livedata::storage
