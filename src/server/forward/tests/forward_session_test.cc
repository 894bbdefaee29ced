#include "server/forward/forward_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "ingest/tests/msgpack_text.h"

namespace livedata::server {
namespace {

using namespace ingest::fluent::testing_values;  // NOLINT(google-build-using-namespace)
using testing::HasSubstr;
using testing::IsEmpty;

std::string message(const std::string& line, const std::string& chunk = "") {
  const auto options = chunk.empty() ? map({}) : map({{"chunk", str(chunk)}});
  return array({str("t"), event_time(1, 2), map({{"log", str(line)}}), options});
}

std::string acknowledgement(const std::string& chunk) { return "\x81" + str("ack") + str(chunk); }

class ForwardSessionTest : public testing::Test {
 protected:
  std::unique_ptr<ForwardSession> open() {
    return std::make_unique<ForwardSession>(Peer{"192.0.2.1", "tcp"}, context_, counters_,
                                            "0123456789abcdef");
  }
  [[nodiscard]] std::string page() const { return metrics_.render(); }

  Limits limits_;
  FakeClock clock_;
  MetricRegistry metrics_;
  std::vector<std::string> told_;
  SenderNotices notices_{[this](const std::string& text) { told_.push_back(text); }};
  std::atomic<std::size_t> held_{0};
  ForwardContext context_{.limits = limits_,
                          .clock = clock_,
                          .seconds = std::make_shared<ingest::fluent::WholeSeconds>(),
                          .notices = notices_,
                          .num_held_bytes = held_};
  ForwardCounters counters_{metrics_, "tcp"};
};

TEST_F(ForwardSessionTest, MessagesMayBeCutAnywhere) {
  const std::string bytes = message("one", "a") + nil() + message("two", "b");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto session = open();
    std::string lines;
    std::string replies;
    for (const std::string& piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
      const Consumed consumed = session->consume(piece);
      for (RowIndex row = 0; row < consumed.decoded.batch.num_rows(); ++row)
        lines += std::string(consumed.decoded.batch.line(row)) + ";";
      replies += consumed.reply;
      EXPECT_FALSE(consumed.close);
    }
    ASSERT_EQ(lines, "one;two;") << cut;
    ASSERT_EQ(replies, acknowledgement("a") + acknowledgement("b")) << cut;
    EXPECT_THAT(session->finish().decoded.rejected, IsEmpty());
    EXPECT_EQ(session->num_messages(), 2U);
  }
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_EQ(held_, 0U);
}

TEST_F(ForwardSessionTest, CountsWhatComes) {
  const auto session = open();
  const std::string events = array({num(1), map({{"log", str("x")}})});
  const std::string bytes = message("one") + array({str("t"), bin(events + events + num(7))});
  const Consumed consumed = session->consume(bytes);
  EXPECT_EQ(consumed.decoded.batch.num_rows(), 3U);
  EXPECT_THAT(page(), HasSubstr("livedata_forward_messages_total{transport=\"tcp\"} 2\n"));
  EXPECT_THAT(page(), HasSubstr("livedata_forward_events_total{transport=\"tcp\"} 4\n"));
  EXPECT_THAT(page(), HasSubstr("livedata_forward_bytes_total{transport=\"tcp\"} " +
                                std::to_string(bytes.size())));
  EXPECT_THAT(page(), HasSubstr("livedata_forward_rejected_total{reason=\"invalid_record\"} 1\n"));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_THAT(told_[0], HasSubstr("192.0.2.1 (tcp): tag 't': an event is not [time, record]"));
  EXPECT_THAT(told_[0], HasSubstr("events refused: 1"));
}

TEST_F(ForwardSessionTest, WhatIsNoMessageEndsTheConnection) {
  for (const std::string& wrong : {std::string("GET / HTTP/1.1\r\n"), array({str("t")}),
                                   array({num(1), num(2), map({})}), std::string("\x91\xc1")}) {
    told_.clear();
    const auto session = open();
    const Consumed consumed = session->consume(message("kept", "a") + wrong + message("after"));
    EXPECT_EQ(consumed.decoded.batch.num_rows(), 1U);
    EXPECT_EQ(consumed.reply, acknowledgement("a"));
    EXPECT_TRUE(consumed.close);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_THAT(told_[0], HasSubstr("192.0.2.1"));
    EXPECT_THAT(told_[0], HasSubstr("the connection is closed"));
    EXPECT_THAT(session->finish().decoded.rejected, IsEmpty());
  }
  EXPECT_THAT(page(), HasSubstr("livedata_forward_rejected_total{reason=\"invalid_message\"} 4\n"));
}

TEST_F(ForwardSessionTest, TooLargeMessagesEndTheConnection) {
  limits_.max_body_bytes = 1000;
  const auto session = open();
  const Consumed consumed = session->consume(message("kept") + message(std::string(2000, 'x')));
  EXPECT_EQ(consumed.decoded.batch.num_rows(), 1U);
  EXPECT_TRUE(consumed.close);
  EXPECT_THAT(page(), HasSubstr("{reason=\"message_too_large\"} 1\n"));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_THAT(told_[0], HasSubstr("larger than 1000 bytes"));
}

TEST_F(ForwardSessionTest, IncompleteMessagesOfAllConnectionsAreBounded) {
  context_.max_held_bytes = 1_MiB;
  const std::string most = message(std::string(700'000, 'x'), "c");
  const std::string cut = most.substr(0, most.size() - 1);
  const auto first = open();
  auto second = open();
  const auto small = open();
  EXPECT_FALSE(first->consume(cut).close);
  EXPECT_GE(held_, cut.size());
  const Consumed refused = second->consume(cut);
  EXPECT_TRUE(refused.close);
  EXPECT_EQ(refused.reply, "");
  EXPECT_FALSE(small->consume(cut.substr(0, 100'000)).close);
  EXPECT_THAT(page(), HasSubstr("{reason=\"too_many_incomplete\"} 1\n"));
  second.reset();
  const Consumed complete = first->consume(most.substr(most.size() - 1));
  EXPECT_EQ(complete.reply, acknowledgement("c"));
  EXPECT_LT(held_, 200'000U);
}

TEST_F(ForwardSessionTest, AMessageThatIsCutOffIsCounted) {
  const auto session = open();
  EXPECT_EQ(session->max_silence().count(), 0);
  session->consume(message("x").substr(0, 10));
  EXPECT_EQ(session->max_silence(), std::chrono::minutes(1));
  const Consumed last = session->finish();
  EXPECT_TRUE(last.decoded.batch.empty());
  EXPECT_EQ(last.decoded.num_rejected(), 1U);
  EXPECT_THAT(page(), HasSubstr("{reason=\"cut_off\"} 1\n"));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_THAT(told_[0], HasSubstr("after 10 bytes"));
}

TEST_F(ForwardSessionTest, WithoutTheKeyNothingIsTaken) {
  context_.shared_key = "a secret";
  for (const std::string& first :
       {message("x", "c"),
        array({str("PING"), str("client"), str("salt"), str("digest"), str(""), str("")})}) {
    told_.clear();
    const auto session = open();
    EXPECT_THAT(session->greeting(), HasSubstr("HELO"));
    EXPECT_EQ(session->max_silence(), std::chrono::seconds(10));
    const Consumed consumed = session->consume(first + message("x", "c"));
    EXPECT_EQ(consumed.decoded.batch.num_rows(), 0U);
    EXPECT_TRUE(consumed.close);
    EXPECT_THAT(consumed.reply, HasSubstr("PONG"));
    EXPECT_THAT(consumed.reply, Not(HasSubstr("ack")));
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_THAT(told_[0], HasSubstr("the client was refused"));
    EXPECT_THAT(told_[0], Not(HasSubstr("a secret")));
  }
  EXPECT_THAT(page(), HasSubstr("{reason=\"unauthenticated\"} 2\n"));
}

}  // namespace
}  // namespace livedata::server
