#include "collect/custom/http_answer.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livedata::collect::custom {
namespace {

using testing::HasSubstr;

/// The body, or what is wrong, with the bytes in pieces of this size.
std::string body_of(std::string_view bytes, std::size_t piece, std::size_t most = 1000) {
  HttpAnswer answer(most);
  while (!bytes.empty() && !answer.is_complete()) {
    const auto fed = answer.feed(bytes.substr(0, piece));
    if (!fed) return fed.error().message;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (!answer.is_complete()) {
    if (const auto ended = answer.end(); !ended) return ended.error().message;
  }
  return fmt::format("{} {}", answer.status(), answer.take_body());
}

constexpr std::string_view kLength =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\na 1\n\nmore";
constexpr std::string_view kChunks =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
    "3;x=y\r\na 1\r\n00A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
constexpr std::string_view kToTheEnd = "HTTP/1.0 503 Sorry\r\n\r\nlater";

TEST(HttpAnswerTest, ReadsAnswersHoweverTheyAreCut) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    EXPECT_EQ(body_of(kLength, piece), "200 a 1\n\n");
    EXPECT_EQ(body_of(kChunks, piece), "200 a 10123456789");
    EXPECT_EQ(body_of(kToTheEnd, piece), "503 later");
    EXPECT_EQ(body_of("HTTP/1.1 204 No\r\n\r\nx", piece), "204 ");
    EXPECT_EQ(body_of("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", piece), "200 ");
  }
}

TEST(HttpAnswerTest, RefusesWhatIsNoAnswer) {
  EXPECT_THAT(body_of("SSH-2.0-OpenSSH_9.2\r\n\r\n", 100), HasSubstr("the answer is no HTTP"));
  EXPECT_THAT(body_of("", 1), HasSubstr("ended without an answer"));
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na", 1),
              HasSubstr("ended before the answer did"));
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\na", 1),
              HasSubstr("a length is wrong"));
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\na", 1),
              HasSubstr("compressed"));
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\na", 1),
              HasSubstr("coded as nobody asked for"));
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", 1),
              HasSubstr("a chunk has no end"));
}

TEST(HttpAnswerTest, IsBounded) {
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'), 100),
              HasSubstr("longer than 1000 bytes"));
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n" +
                          std::string(1001, 'x'),
                      100),
              HasSubstr("longer than 1000 bytes"));
  const std::string chunk = "ffffffffffffffff\r\n" + std::string(1001, 'x');
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk, 100),
              HasSubstr("longer than 1000 bytes"));
  EXPECT_THAT(body_of("HTTP/1.1 200 OK\r\n" + std::string(70'000, 'x'), 1000),
              HasSubstr("header is longer"));
  EXPECT_THAT(
      body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(70'000, 'x'),
              1000),
      HasSubstr("too long"));
  std::string trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 10'000; ++i) trailers += "x: yyyyyyyyy\r\n";
  EXPECT_THAT(body_of(trailers, 1000), HasSubstr("too long"));
}

TEST(HttpAnswerTest, AnyBytesComeToAnEnd) {
  std::mt19937_64 random(5);  // NOLINT: the same each time
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 2 == 0 ? kChunks : kLength);
    for (std::size_t n = 1 + random() % 4; n > 0; --n)
      text[random() % text.size()] = static_cast<char>(random());
    EXPECT_LT(body_of(text, 1 + random() % 20, 100).size(), 300U);
  }
}

}  // namespace
}  // namespace livedata::collect::custom
