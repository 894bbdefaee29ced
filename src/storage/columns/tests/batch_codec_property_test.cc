#include <gtest/gtest.h>

#include "storage/columns/batch_codec.h"
#include "storage/testing/random_records.h"

namespace livedata::storage::columns {
namespace {

TEST(BatchCodecPropertyTest, RoundTrips) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomRecords random(seed);
    const RecordBatch batch = random.batch(random.below(200));
    const auto back = decode_batch(encode_batch(batch));
    ASSERT_TRUE(back.has_value()) << "seed " << seed << ": " << back.error().message;
    ASSERT_EQ(plain_records(*back), plain_records(batch)) << "seed " << seed;
  }
}

TEST(BatchCodecPropertyTest, DamageIsAnErrorOrAnotherBatch) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    RandomRecords random(seed);
    std::string bytes = encode_batch(random.batch(1 + random.below(40)));
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    if (random.below(4) == 0) bytes.resize(random.below(bytes.size()));
    if (const auto back = decode_batch(bytes); back) plain_records(*back);
  }
}

TEST(BatchCodecTest, LeavesLinesAsTheyAre) {
  RecordBatch batch;
  const auto stream = batch.add_stream(Labels(std::vector<Label>{{"app", "a"}}));
  for (int i = 0; i < 500; ++i) batch.add(stream, i, "the same words in line " + std::to_string(i));
  EXPECT_GT(encode_batch(batch).size(), batch.lines().bytes().size());
}

TEST(BatchCodecTest, RefusesANewerVersion) {
  RandomRecords random(1);
  std::string bytes = encode_batch(random.batch(3));
  bytes[0] = 2;
  const auto back = decode_batch(bytes);
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace livedata::storage::columns
