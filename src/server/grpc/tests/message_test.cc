#include "server/grpc/message.h"

#include <libdeflate.h>

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/grpc/status.h"

namespace livedata::server::grpc {
namespace {

using ingest::Encoding;
using testing::HasSubstr;
using namespace std::chrono_literals;

std::string gzip(std::string_view text) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_gzip_compress_bound(compressor, text.size()), '\0');
  out.resize(
      libdeflate_gzip_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

TEST(GrpcMessageTest, ThePrefixIsAFlagAndTheLength) {
  EXPECT_EQ(frame_message("abc"), std::string("\0\0\0\0\3abc", 8));
  EXPECT_EQ(frame_message(std::string(70'000, 'x')).substr(0, 5), std::string("\0\0\1\x11\x70", 5));
  EXPECT_EQ(*read_only_message(frame_message(""), Encoding::kIdentity, 10), "");
  EXPECT_EQ(*read_only_message(frame_message("abc"), Encoding::kGzip, 10), "abc");
}

TEST(GrpcMessageTest, CompressedMessages) {
  std::string body = frame_message(gzip(std::string(1000, 'x')));
  body[0] = 1;
  EXPECT_EQ(*read_only_message(body, Encoding::kGzip, 1000), std::string(1000, 'x'));
  EXPECT_EQ(read_only_message(body, Encoding::kGzip, 999).error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(read_only_message(body, Encoding::kIdentity, 1000).error().message,
              HasSubstr("does not say how"));
}

TEST(GrpcMessageTest, OneMessageAndNothingElse) {
  const std::string good = frame_message("abc");
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read_only_message(good.substr(0, size), Encoding::kIdentity, 10).has_value());
  EXPECT_THAT(read_only_message(good + good, Encoding::kIdentity, 10).error().message,
              HasSubstr("more than one"));
  EXPECT_FALSE(read_only_message("\2" + good.substr(1), Encoding::kGzip, 10).has_value());
  EXPECT_FALSE(read_only_message("\xff\xff\xff\xff\xff", Encoding::kGzip, 10).has_value());
  EXPECT_EQ(read_only_message(frame_message("too long"), Encoding::kIdentity, 7).error().code,
            ErrorCode::kTooLarge);
}

TEST(GrpcMessageTest, Timeouts) {
  EXPECT_EQ(parse_timeout("100m"), 100ms);
  EXPECT_EQ(parse_timeout("2H"), 2h);
  EXPECT_EQ(parse_timeout("3M"), 3min);
  EXPECT_EQ(parse_timeout("4S"), 4s);
  EXPECT_EQ(parse_timeout("5u"), 5us);
  EXPECT_EQ(parse_timeout("0n"), 0ns);
  EXPECT_GE(parse_timeout("99999999H"), 24h * 365);
  for (const char* text : {"", "m", "5", "123456789m", "-1m", "1x", "1 m", "1.5S"})
    EXPECT_FALSE(parse_timeout(text).has_value()) << text;
}

TEST(GrpcMessageTest, StatusTextIsPercentEncoded) {
  EXPECT_EQ(encode_status_text("plain ~ text"), "plain ~ text");
  EXPECT_EQ(encode_status_text("100%\n\u00e4\x7f"), "100%25%0A%C3%A4%7F");
}

TEST(GrpcMessageTest, BinaryHeadersHaveNoPadding) {
  EXPECT_EQ(encode_binary_header("f"), "Zg");
  EXPECT_EQ(encode_binary_header("foo"), "Zm9v");
}

TEST(GrpcMessageTest, DamageIsAnErrorOrAnotherMessage) {
  std::mt19937_64 random(5);
  std::string good = frame_message(gzip("some text, some text, some text"));
  good[0] = 1;
  for (int round = 0; round < 5000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 3; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random());
    bad.resize(random() % (bad.size() + 1));
    const auto message = read_only_message(bad, Encoding::kGzip, 1000);
    if (message) {
      ASSERT_LE(message->size(), 1000U);
    }
  }
}

}  // namespace
}  // namespace livedata::server::grpc
