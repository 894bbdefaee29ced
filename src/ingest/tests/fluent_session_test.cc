#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/fluent/session.h"
#include "ingest/tests/msgpack_text.h"

namespace livedata::ingest::fluent {
namespace {

using namespace testing_values;  // NOLINT(google-build-using-namespace)
using testing::HasSubstr;

constexpr TimestampNs kNow = 1'700'000'000 * kNsPerSecond;

class FluentSessionTest : public testing::Test {
 protected:
  Consumed consume(Session& session, const std::string& bytes) {
    return session.consume(bytes, context_);
  }
  static std::string message(const std::string& line, const std::string& chunk = "") {
    const auto options = chunk.empty() ? map({}) : map({{"chunk", str(chunk)}});
    return array({str("t"), num(1), map({{"log", str(line)}}), options});
  }
  Limits limits_;
  DecodeContext context_{limits_, kNow};
};

TEST_F(FluentSessionTest, MessagesComeOutOfPiecesOfAnySize) {
  std::string stream;
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    stream += message("line " + std::to_string(i), "c" + std::to_string(i)) + nil();
    expected += "line " + std::to_string(i) + ";";
  }
  for (std::size_t piece = 1; piece < 200; ++piece) {
    Session session({});
    EXPECT_EQ(session.greeting(), "");
    std::string lines;
    std::string replies;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      const Consumed consumed = consume(session, stream.substr(at, piece));
      ASSERT_FALSE(consumed.broken.has_value());
      for (RowIndex row = 0; row < consumed.decoded.batch.num_rows(); ++row)
        lines += std::string(consumed.decoded.batch.line(row)) + ";";
      replies += consumed.reply;
    }
    ASSERT_EQ(lines, expected) << piece;
    ASSERT_THAT(replies, HasSubstr("\x81\xa3"
                                   "ack\xa3"
                                   "c19"));
  }
}

TEST_F(FluentSessionTest, WhatStoodBeforeAMistakeIsTakenAndAcknowledged) {
  for (const std::string& mistake :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("{\"a\":1}"), std::string("\x91\xc1"),
        array({str("t")}), std::string(100, '\x91')}) {
    Session session({});
    const Consumed consumed = consume(session, message("a", "c") + mistake);
    EXPECT_EQ(consumed.decoded.batch.num_rows(), 1U);
    EXPECT_NE(consumed.reply, "");
    ASSERT_TRUE(consumed.broken.has_value()) << mistake;
    EXPECT_EQ(consumed.broken->code, ErrorCode::kInvalidArgument);
  }
}

TEST_F(FluentSessionTest, MessagesThatAreTooLargeEndTheConnection) {
  limits_.max_body_bytes = 1000;
  Session session({});
  const Consumed small = consume(session, message(std::string(800, 'x')));
  EXPECT_EQ(small.decoded.batch.num_rows(), 1U);
  const std::string large = message(std::string(2000, 'x'));
  EXPECT_FALSE(consume(session, large.substr(0, 900)).broken.has_value());
  const Consumed consumed = consume(session, large.substr(900, 200));
  ASSERT_TRUE(consumed.broken.has_value());
  EXPECT_EQ(consumed.broken->code, ErrorCode::kTooLarge);
}

// What one call expands to is bounded, and nothing is left out for it.
TEST_F(FluentSessionTest, ManyEventsTakeSeveralCalls) {
  std::string events;
  for (int i = 0; i < 60'000; ++i) events += std::string("\x92\x01\x80", 3);
  std::string bytes;
  for (int i = 0; i < 5; ++i)
    bytes += array({str("t"), bin(events), map({{"chunk", str("c" + std::to_string(i))}})});
  Session session({});
  Consumed consumed = consume(session, bytes + message("last").substr(0, 5));
  std::size_t calls = 1;
  std::size_t rows = consumed.decoded.batch.num_rows();
  std::size_t replies = consumed.reply.size();
  std::size_t messages = consumed.num_messages;
  while (consumed.more) {
    EXPECT_EQ(consumed.decoded.batch.num_rows(), 120'000U);
    consumed = consume(session, "");
    ++calls;
    rows += consumed.decoded.batch.num_rows();
    replies += consumed.reply.size();
    messages += consumed.num_messages;
  }
  EXPECT_EQ(calls, 3U);
  EXPECT_EQ(rows, 300'000U);
  EXPECT_EQ(replies, 5 * std::string("\x81\xa3"
                                     "ack\xa2"
                                     "c0")
                             .size());
  EXPECT_EQ(messages, 5U);
  EXPECT_EQ(session.num_incomplete_bytes(), 5U);
}

// The digests are those of sha512sum over salt, host name, nonce and key, such as
// printf 'saltclientnonce-nonce-no.secret' | sha512sum
constexpr const char* kClientDigest =
    "c1ef7ed42a5fe1869ff323d7516c52fc129f32315bc655fa4cf0f5fcda08a8e7e59aed88cd97eee9b948fba7bcc25b"
    "3fe8d8117a4a905035973b95a7b00655f9";
constexpr const char* kServerDigest =
    "2335bde649ddf7e8a9a460f626c15bb1cd5ecb0a96e872c19fd915709288151998e172e5fdfd4f1914b49852a3192b"
    "580db5a9195399e85d05fe45fd5f37005c";

class FluentHandshakeTest : public FluentSessionTest {
 protected:
  static Session session() {
    return Session(
        {.shared_key = "secret", .server_hostname = "server", .nonce = "nonce-nonce-no."});
  }
  static std::string ping(const std::string& digest) {
    return array({str("PING"), str("client"), str("salt"), str(digest), str(""), str("")});
  }
};

TEST_F(FluentHandshakeTest, AClientWithTheKeyIsLetIn) {
  Session session = FluentHandshakeTest::session();
  const std::string hello = session.greeting();
  EXPECT_EQ(hello.substr(0, 6), "\x92\xa4HELO");
  EXPECT_THAT(hello, HasSubstr("\xa5nonce\xc4\x0fnonce-nonce-no."));
  // The first message may come in one piece with the PING.
  const Consumed consumed = consume(session, ping(kClientDigest) + message("a"));
  EXPECT_FALSE(consumed.broken.has_value());
  EXPECT_EQ(consumed.decoded.batch.num_rows(), 1U);
  EXPECT_EQ(consumed.reply, std::string("\x95\xa4PONG\xc3\xa0\xa6server\xd9\x80") + kServerDigest);
  EXPECT_EQ(session.greeting(), "");
}

TEST_F(FluentHandshakeTest, OthersAreRefused) {
  std::string wrong = kClientDigest;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  for (const std::string& first :
       {ping(wrong), ping(""), ping(kServerDigest), message("a"), array({str("PING")}),
        array({str("PONG"), str("client"), str("salt"), str(kClientDigest), str(""), str("")}),
        array({num(1), num(1), num(1), num(1), num(1), num(1)})}) {
    Session session = FluentHandshakeTest::session();
    const Consumed consumed = consume(session, first + message("a"));
    EXPECT_EQ(consumed.decoded.batch.num_rows(), 0U);
    ASSERT_TRUE(consumed.broken.has_value());
    EXPECT_EQ(consumed.broken->code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(consumed.reply.substr(0, 7), "\x95\xa4PONG\xc2");
    EXPECT_EQ(consumed.broken->message.find("secret"), std::string::npos);
  }
}

TEST_F(FluentHandshakeTest, StrangersCanNotFillTheMemory) {
  Session session = FluentHandshakeTest::session();
  const std::string large = array({str("PING"), str(std::string(100'000, 'x'))});
  const Consumed consumed = consume(session, large.substr(0, 50'000));
  ASSERT_TRUE(consumed.broken.has_value());
  EXPECT_EQ(consumed.broken->code, ErrorCode::kTooLarge);
}

TEST_F(FluentSessionTest, DamageNeverHangs) {
  std::mt19937_64 random(9);
  std::string good;
  for (int i = 0; i < 5; ++i) good += message("line " + std::to_string(i), "c");
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 6; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random() % 256);
    Session session({});
    const std::size_t piece = 1 + random() % 100;
    for (std::size_t at = 0; at < bad.size(); at += piece) {
      if (consume(session, bad.substr(at, piece)).broken) break;
    }
  }
}

}  // namespace
}  // namespace livedata::ingest::fluent
