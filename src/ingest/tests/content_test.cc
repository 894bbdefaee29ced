#include "ingest/content.h"

#include <snappy.h>
#include <zstd.h>

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::ingest {
namespace {

using testing::HasSubstr;

std::string zstd(std::string_view text, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log > 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_outBuffer made{out.data(), out.size(), 0};
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  // Piece by piece, so that the frame does not say its size.
  ZSTD_compressStream2(context, &made, &in, ZSTD_e_flush);
  ZSTD_compressStream2(context, &made, &in, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  out.resize(made.pos);
  return out;
}

std::string random_text(std::mt19937_64& random, std::size_t size) {
  std::string text;
  while (text.size() < size)
    text += std::to_string(random() % 1000) + (random() % 9 == 0 ? "\n" : " ");
  return text;
}

TEST(ContentTest, BombsAreRefusedAndGoodBodiesComeBack) {
  const std::string zeros(5'000'000, 'x');
  std::string bomb;
  snappy::Compress(zeros.data(), zeros.size(), &bomb);
  EXPECT_EQ(decompress(bomb, Encoding::kSnappy, 1'000'000).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(decompress(bomb, Encoding::kSnappy, 5'000'000)->size(), 5'000'000U);
  // A header that claims 4 GiB, with nothing behind it.
  EXPECT_FALSE(
      decompress("\xff\xff\xff\xff\x0f", Encoding::kSnappy, std::size_t{1} << 33U).has_value());
  EXPECT_FALSE(decompress("garbage", Encoding::kGzip, 1000).has_value());
  EXPECT_FALSE(decompress("garbage", Encoding::kDeflate, 1000).has_value());
}

TEST(ContentTest, KnowsTheEncodings) {
  EXPECT_EQ(parse_content_encoding(""), Encoding::kIdentity);
  EXPECT_EQ(parse_content_encoding("zstd"), Encoding::kZstd);
  EXPECT_THAT(parse_content_encoding("br").error().message,
              HasSubstr("gzip, deflate, snappy, zstd"));
}

TEST(ContentTest, ZstdComesBack) {
  std::mt19937_64 random(1);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65'536},
                                 std::size_t{65'537}, std::size_t{3'000'000}}) {
    const std::string text = random_text(random, size);
    EXPECT_EQ(decompress(zstd(text), Encoding::kZstd, 10'000'000), text) << size;
    // Just as much as is allowed, and one byte more.
    EXPECT_EQ(decompress(zstd(text), Encoding::kZstd, text.size()), text) << size;
    if (text.empty()) continue;
    EXPECT_EQ(decompress(zstd(text), Encoding::kZstd, text.size() - 1).error().code,
              ErrorCode::kTooLarge);
  }
  EXPECT_EQ(decompress(zstd("one ") + zstd("") + zstd("two"), Encoding::kZstd, 100), "one two");
}

TEST(ContentTest, ZstdIsBounded) {
  const std::string bomb = zstd(std::string(100'000'000, 'x'));
  ASSERT_LT(bomb.size(), 20'000U);
  EXPECT_EQ(decompress(bomb, Encoding::kZstd, 1'000'000).error().code, ErrorCode::kTooLarge);
  // RFC 9659 allows windows of 8 MiB; a larger one would be memory of the sender's choice.
  std::mt19937_64 random(2);
  const std::string text = random_text(random, 20'000'000);
  EXPECT_TRUE(decompress(zstd(text, 23), Encoding::kZstd, 30'000'000).has_value());
  EXPECT_FALSE(decompress(zstd(text, 24), Encoding::kZstd, 30'000'000).has_value());
}

TEST(ContentTest, DamagedZstdIsAnErrorOrOtherData) {
  std::mt19937_64 random(3);
  const std::string good = zstd(random_text(random, 5000));
  for (std::size_t size = 0; size < good.size(); ++size)
    ASSERT_FALSE(decompress(good.substr(0, size), Encoding::kZstd, 10'000).has_value()) << size;
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 4; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    const auto out = decompress(bad, Encoding::kZstd, 10'000);
    ASSERT_TRUE(!out || out->size() <= 10'000);
  }
}

TEST(ContentTest, ABombIsRefusedByItsRatio) {
  const std::string text(20'000'000, '\0');
  std::string snappy_body;
  snappy::Compress(text.data(), text.size(), &snappy_body);  // about 21 times
  EXPECT_EQ(decompress(zstd(text), Encoding::kZstd, 100'000'000, 500).error().code,
            ErrorCode::kTooLarge);
  EXPECT_THAT(decompress(zstd(text), Encoding::kZstd, 100'000'000, 500).error().message,
              testing::HasSubstr("more than 500 times"));
  EXPECT_TRUE(decompress(zstd(text), Encoding::kZstd, 100'000'000).has_value());
  EXPECT_TRUE(decompress(snappy_body, Encoding::kSnappy, 100'000'000, 500).has_value());
  EXPECT_EQ(decompress(snappy_body, Encoding::kSnappy, 100'000'000, 10).error().code,
            ErrorCode::kTooLarge);
  // What is small may be as regular as it likes.
  const std::string small(kUnsuspiciousBytes, 'x');
  EXPECT_TRUE(decompress(zstd(small), Encoding::kZstd, 100'000'000, 500).has_value());
  EXPECT_FALSE(decompress(zstd(small + "x"), Encoding::kZstd, 100'000'000, 500).has_value());
  // The other bound holds as well, and says so.
  EXPECT_THAT(decompress(zstd(text), Encoding::kZstd, 1'000'000, 500).error().message,
              testing::HasSubstr("larger than 1000000 bytes"));
}

}  // namespace
}  // namespace livedata::ingest
