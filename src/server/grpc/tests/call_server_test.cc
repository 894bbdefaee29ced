#include "server/grpc/call_server.h"

#include <deque>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "encoding/base64.h"
#include "server/grpc/message.h"
#include "server/grpc/status.h"
#include "server/grpc/tests/http2_client.h"

namespace livedata::server::grpc {
namespace {

using testing::HasSubstr;

constexpr const char* kEcho = "/test.Service/Echo";
constexpr const char* kFail = "/test.Service/Fail";

class CallServerTest : public testing::Test {
 protected:
  CallServerTest() {
    methods_[kEcho] = [](const Caller&, std::string_view message,
                         const Deadline&) -> Result<std::string> { return std::string(message); };
    methods_[kFail] = [](const Caller&, std::string_view, const Deadline&) -> Result<std::string> {
      return fail(ErrorCode::kUnavailable, "50% full");
    };
    limits_.max_message_bytes = 1'000'000;
    limits_.max_expanded_bytes = 2'000'000;
    limits_.max_buffered_bytes = 3'000'000;
    limits_.max_calls = 10;
    server_ = make_server();
  }

  std::unique_ptr<CallServer> make_server() {
    return std::make_unique<CallServer>(methods_, limits_, totals_, metrics_,
                                        [this](StreamNumber stream, ReadyCall call) {
                                          if (ready_.size() >= max_ready_) return false;
                                          ready_.emplace_back(stream, std::move(call));
                                          return true;
                                        });
  }

  void run_ready() {
    for (; !ready_.empty(); ready_.pop_front())
      server_->finish(ready_.front().first, run_call(ready_.front().second, limits_));
  }

  /// Passes bytes both ways until both sides are silent; calls run between `runs` or never.
  void exchange(bool runs = true) {
    for (;;) {
      const std::string up = client_.write();
      // In pieces, as a socket would.
      for (std::size_t at = 0; at < up.size(); at += 1000)
        ASSERT_TRUE(server_->receive(std::string_view(up).substr(at, 1000)).has_value());
      if (runs) run_ready();
      std::string down;
      ASSERT_TRUE(server_->write(down).has_value());
      ASSERT_TRUE(client_.receive(down));
      if (up.empty() && down.empty()) return;
    }
  }

  std::string counted(const std::string& method, int code) {
    const std::string rendered = metrics_.render();
    const std::string line =
        fmt::format("livedata_grpc_calls_total{{method=\"{}\",code=\"{}\"}} ", method, code);
    const std::size_t at = rendered.find(line);
    if (at == std::string::npos) return "0";
    return rendered.substr(at + line.size(), rendered.find('\n', at) - at - line.size());
  }

  Methods methods_;
  CallLimits limits_;
  CallTotals totals_;
  MetricRegistry metrics_;
  std::size_t max_ready_ = 100;
  std::deque<std::pair<StreamNumber, ReadyCall>> ready_;
  std::unique_ptr<CallServer> server_;
  Http2Client client_;
};

TEST_F(CallServerTest, AnswersACall) {
  const StreamNumber stream = client_.call(kEcho, "hello");
  exchange();
  const auto& response = client_.response(stream);
  EXPECT_EQ(response.header(":status"), "200");
  EXPECT_EQ(response.header("content-type"), "application/grpc");
  EXPECT_EQ(response.body, frame_message("hello"));
  EXPECT_EQ(response.header("grpc-status"), "0");
  EXPECT_TRUE(response.is_closed);
  EXPECT_EQ(response.error, 0U);
  EXPECT_EQ(totals_.calls, 0U);
  EXPECT_EQ(totals_.buffered_bytes, 0U);
  EXPECT_EQ(counted(kEcho, 0), "1");
}

TEST_F(CallServerTest, LargeMessagesBothWaysPassTheWindows) {
  std::string large(900'000, 'x');
  std::vector<StreamNumber> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(client_.call(kEcho, large));
  exchange();
  for (const StreamNumber stream : streams)
    EXPECT_EQ(client_.response(stream).body, frame_message(large));
}

TEST_F(CallServerTest, ErrorsBecomeTheStatus) {
  const StreamNumber stream = client_.call(kFail, "x");
  exchange();
  const auto& response = client_.response(stream);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.header("grpc-status"), "14");
  EXPECT_EQ(response.header("grpc-message"), "50%25 full");
  EXPECT_EQ(*encoding::base64_decode(response.header("grpc-status-details-bin")),
            encode_status({ErrorCode::kUnavailable, "50% full"}));
}

TEST_F(CallServerTest, UnknownMethodsAreUnimplemented) {
  const StreamNumber stream = client_.call("/test.Service/Other", "x");
  exchange();
  EXPECT_EQ(client_.response(stream).header("grpc-status"), "12");
  EXPECT_EQ(counted("other", 12), "1");
  EXPECT_TRUE(client_.response(stream).is_closed);
}

TEST_F(CallServerTest, EncodingsThatNobodyKnowsAreUnimplemented) {
  const StreamNumber stream = client_.call(kEcho, "x", {{"grpc-encoding", "br"}});
  exchange();
  EXPECT_EQ(client_.response(stream).header("grpc-status"), "12");
  EXPECT_EQ(client_.response(stream).header("grpc-accept-encoding"), "identity,gzip,deflate");
}

TEST_F(CallServerTest, WhatIsNoGrpcIsAnsweredAsHttp) {
  const HeaderList get = {
      {":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a"}};
  const HeaderList post = {{":method", "POST"},
                           {":scheme", "http"},
                           {":path", kEcho},
                           {":authority", "a"},
                           {"content-type", "application/grpc-web"}};
  const StreamNumber first = client_.request(get, "");
  const StreamNumber second = client_.request(post, "x");
  exchange();
  EXPECT_EQ(client_.response(first).header(":status"), "405");
  EXPECT_EQ(client_.response(second).header(":status"), "415");
}

TEST_F(CallServerTest, MessagesOverTheLimitAreRefusedBeforeTheirEnd) {
  const StreamNumber stream = client_.call(kEcho, std::string(1'500'000, 'x'));
  const StreamNumber fits = client_.call(kEcho, std::string(1'000'000, 'x'));
  exchange();
  const auto& response = client_.response(stream);
  EXPECT_EQ(response.header("grpc-status"), "8");
  EXPECT_THAT(std::string(response.header("grpc-message")), HasSubstr("larger than 1000000 bytes"));
  EXPECT_TRUE(response.is_closed);
  EXPECT_EQ(response.error, 0U);
  EXPECT_EQ(client_.response(fits).header("grpc-status"), "0");
  EXPECT_EQ(totals_.buffered_bytes, 0U);
}

TEST_F(CallServerTest, TooManyCallsAreToldToComeAgain) {
  std::vector<StreamNumber> streams;
  for (int i = 0; i < 15; ++i) streams.push_back(client_.call(kEcho, "x"));
  exchange(false);
  EXPECT_EQ(totals_.calls, 10U);
  for (int i = 10; i < 15; ++i)
    EXPECT_EQ(client_.response(streams.at(static_cast<std::size_t>(i))).header("grpc-status"),
              "14");
  run_ready();
  exchange();
  EXPECT_EQ(client_.response(streams[0]).header("grpc-status"), "0");
  EXPECT_EQ(totals_.calls, 0U);
}

TEST_F(CallServerTest, TooManyBytesAreToldToComeAgain) {
  std::vector<StreamNumber> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(client_.call(kEcho, std::string(900'000, 'x')));
  exchange(false);
  std::size_t refused = 0;
  for (const StreamNumber stream : streams)
    refused += client_.response(stream).header("grpc-status") == "14" ? 1U : 0U;
  EXPECT_EQ(refused, 1U);
  run_ready();
  exchange();
  EXPECT_EQ(totals_.buffered_bytes, 0U);
}

TEST_F(CallServerTest, NoRoomOnTheThreads) {
  max_ready_ = 0;
  const StreamNumber stream = client_.call(kEcho, "x");
  exchange();
  EXPECT_EQ(client_.response(stream).header("grpc-status"), "14");
  EXPECT_EQ(totals_.calls, 0U);
}

TEST_F(CallServerTest, ACallWhoseDeadlineHasPassedDoesNotRun) {
  const StreamNumber stream = client_.call(kEcho, "x", {{"grpc-timeout", "0n"}});
  exchange();
  EXPECT_EQ(client_.response(stream).header("grpc-status"), "4");
}

TEST_F(CallServerTest, AResetCancelsTheCall) {
  const StreamNumber stream = client_.call(kEcho, "x");
  exchange(false);
  client_.reset(stream);
  exchange(false);
  ASSERT_EQ(ready_.size(), 1U);
  EXPECT_TRUE(ready_.front().second.deadline.cancelled());
  EXPECT_EQ(totals_.calls, 1U);  // it still holds a place
  run_ready();
  EXPECT_EQ(totals_.calls, 0U);
  exchange();
  EXPECT_EQ(client_.response(client_.call(kEcho, "y")).header("grpc-status"), "");
}

TEST_F(CallServerTest, AResetBeforeTheEndGivesThePlaceBack) {
  HeaderList headers = {{":method", "POST"},
                        {":scheme", "http"},
                        {":path", kEcho},
                        {":authority", "a"},
                        {"content-type", "application/grpc"}};
  const StreamNumber stream = client_.request(headers, "some bytes", false);
  exchange();
  EXPECT_EQ(totals_.calls, 1U);
  EXPECT_EQ(totals_.buffered_bytes, 10U);
  server_->refuse_overdue();
  exchange();
  EXPECT_EQ(totals_.calls, 1U);
  client_.reset(stream);
  exchange();
  EXPECT_EQ(totals_.calls, 0U);
  EXPECT_EQ(totals_.buffered_bytes, 0U);
}

TEST_F(CallServerTest, ARequestThatDoesNotComeInIsRefused) {
  HeaderList headers = {{":method", "POST"},    {":scheme", "http"},
                        {":path", kEcho},       {":authority", "a"},
                        {"grpc-timeout", "1n"}, {"content-type", "application/grpc"}};
  const StreamNumber late = client_.request(headers, "some bytes", false);
  headers[4].second = "1H";
  const StreamNumber early = client_.request(headers, "some bytes", false);
  exchange();
  server_->refuse_overdue();
  exchange();
  EXPECT_EQ(client_.response(late).header("grpc-status"), "4");
  EXPECT_TRUE(client_.response(late).is_closed);
  EXPECT_FALSE(client_.response(early).is_closed);
  EXPECT_EQ(totals_.calls, 1U);
  EXPECT_EQ(totals_.buffered_bytes, 10U);
}

TEST_F(CallServerTest, AConnectionThatEndsGivesItsPlacesBack) {
  client_.call(kEcho, "x");
  exchange(false);
  server_.reset();
  EXPECT_EQ(totals_.calls, 0U);
  EXPECT_EQ(totals_.buffered_bytes, 0U);
}

TEST_F(CallServerTest, LargeHeadersAreRefused) {
  const StreamNumber stream = client_.call(kEcho, "x", {{"x-large", std::string(20'000, 'x')}});
  exchange();
  EXPECT_TRUE(client_.response(stream).is_closed);
  EXPECT_EQ(client_.response(stream).header("grpc-status"), "");
  EXPECT_EQ(totals_.calls, 0U);
}

TEST_F(CallServerTest, AfterGoAwayOpenCallsAreAnswered) {
  const StreamNumber stream = client_.call(kEcho, "x");
  exchange(false);
  server_->go_away();
  EXPECT_FALSE(server_->is_done());
  exchange();
  EXPECT_EQ(client_.response(stream).header("grpc-status"), "0");
  EXPECT_TRUE(server_->is_done());
}

TEST_F(CallServerTest, OtherProtocolsEndTheConnection) {
  const Result<void> received = server_->receive("POST /v1/logs HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_FALSE(received.has_value());
  EXPECT_EQ(received.error().code, ErrorCode::kUnsupported);
}

TEST_F(CallServerTest, DamageEndsTheConnectionAtWorst) {
  std::string good;
  for (int i = 0; i < 3; ++i) client_.call(kEcho, "message");
  client_.call(kFail, "message", {{"grpc-encoding", "gzip"}, {"grpc-timeout", "1S"}});
  good = client_.write();
  std::mt19937_64 random(6);
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    for (std::uint64_t n = 1 + random() % 5; n > 0; --n)
      bad[24 + random() % (bad.size() - 24)] = static_cast<char>(random());
    ready_.clear();
    server_ = make_server();
    for (std::size_t at = 0; at < bad.size();) {
      const std::size_t size = 1 + random() % 200;
      if (!server_->receive(std::string_view(bad).substr(at, size))) break;
      run_ready();
      at += size;
    }
    std::string out;
    static_cast<void>(server_->write(out));
    server_.reset();
    ASSERT_EQ(totals_.calls, 0U);
    ASSERT_EQ(totals_.buffered_bytes, 0U);
  }
}

}  // namespace
}  // namespace livedata::server::grpc
