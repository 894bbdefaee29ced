// Against a server that answers as the test tells it to.
#include "cli/push_client.h"

#include <deque>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/logger.h"
#include "cli/text_push.h"
#include "ingest/content.h"
#include "ingest/loki/push.h"
#include "server/http/server.h"

namespace livedata::cli {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class PushClientTest : public testing::Test {
 protected:
  PushClientTest() {
    router_.add("POST", "/loki/api/v1/push", [this](const server::Request& r) { return loki(r); });
    router_.add("POST", "/api/v1/push", [this](const server::Request& r) { return native(r); });
    server::HttpOptions options;
    options.port = 0;
    options.max_body_bytes = 100U << 20U;
    server_ = *server::HttpServer::start(options, router_, logger_);
  }

  server::Response next_answer(server::Response usual) {
    if (answers_.empty()) return usual;
    server::Response answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  server::Response loki(const server::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto raw = ingest::decompress(request.body, ingest::Encoding::kSnappy, 100U << 20U);
    const ingest::DecodeContext context{limits_, clock_.now()};
    const auto decoded = ingest::loki::decode_protobuf(*raw, context);
    if (decoded->batch.num_rows() > max_rows_) return server::Response::text(413, "too large\n");
    auto answer = next_answer(server::Response::text(204, ""));
    tenants_.emplace_back(request.header("x-scope-orgid"));
    if (answer.status != 204) return answer;
    for (RowIndex row = 0; row < decoded->batch.num_rows(); ++row) {
      lines_.emplace_back(decoded->batch.line(row));
      times_.push_back(decoded->batch.timestamps()[row]);
      labels_ = decoded->batch.stream(row).labels.to_string();
    }
    return answer;
  }

  server::Response native(const server::Request& request) {
    const std::lock_guard lock(mutex_);
    query_ = request.parameters.get("service");
    json_ += request.body;
    return next_answer(server::Response::json(R"({"status":"accepted","entries":2})"));
  }

  static server::Response busy(int status, const char* retry_after = nullptr) {
    server::Response response = server::Response::text(status, "busy\n");
    if (retry_after != nullptr) response.headers.emplace_back("Retry-After", retry_after);
    return response;
  }

  RetryingClient retrying(const std::string& address) {
    return RetryingClient({.address = address,
                           .tenant = "team",
                           .give_up_after = std::chrono::minutes(1),
                           .on_wait = [this](const std::string& why) { notes_.push_back(why); },
                           .sleep = [this](nanoseconds pause) { pauses_.push_back(pause); }});
  }
  PushClient client() {
    return PushClient(retrying(fmt::format("http://127.0.0.1:{}", server_->port())));
  }
  static RecordBatch batch(int rows) {
    RecordBatch out;
    out.add_stream(Labels(std::vector<Label>{{"service_name", "s"}}));
    for (int i = 0; i < rows; ++i) out.add(0, 1'700'000'000'000'000'000 + i, std::to_string(i));
    return out;
  }

  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  Limits limits_;
  server::Router router_{metrics_};
  std::mutex mutex_;
  std::size_t max_rows_ = 1'000'000;
  std::deque<server::Response> answers_;
  std::vector<std::string> lines_;
  std::vector<TimestampNs> times_;
  std::string labels_;
  std::vector<std::string> tenants_;
  std::string json_;
  std::string query_;
  std::vector<nanoseconds> pauses_;
  std::vector<std::string> notes_;
  std::unique_ptr<server::HttpServer> server_;
};

TEST_F(PushClientTest, WaitsForABusyServerAsLongAsItAsks) {
  answers_ = {busy(429, "3"), busy(503), busy(500), busy(502)};
  PushClient client = this->client();
  ASSERT_TRUE(client.push(batch(3)).has_value());
  EXPECT_EQ(client.stored(), 3U);
  EXPECT_THAT(lines_, ElementsAre("0", "1", "2"));
  EXPECT_THAT(pauses_,
              ElementsAre(seconds(3), std::chrono::milliseconds(500), seconds(1), seconds(2)));
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_THAT(notes_[0], HasSubstr("429: busy"));
  EXPECT_EQ(tenants_.back(), "team");
}

TEST_F(PushClientTest, GivesUpInTheEnd) {
  for (int i = 0; i < 100; ++i) answers_.push_back(busy(503));
  PushClient client = this->client();
  const auto pushed = client.push(batch(1));
  ASSERT_FALSE(pushed.has_value());
  EXPECT_EQ(pushed.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(pushed.error().message, HasSubstr("gave up after"));
  EXPECT_LT(answers_.size(), 100U);
}

TEST_F(PushClientTest, AServerThatGoesAwayIsWaitedForButNotOneThatNeverWas) {
  const std::string address = fmt::format("http://127.0.0.1:{}", server_->port());
  PushClient known(retrying(address));
  ASSERT_TRUE(known.push(batch(1)).has_value());
  server_.reset();
  EXPECT_FALSE(known.push(batch(1)).has_value());
  EXPECT_GT(pauses_.size(), 3U);
  pauses_.clear();
  PushClient stranger(retrying(address));
  EXPECT_EQ(stranger.push(batch(1)).error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(PushClientTest, CountsWhatTheServerRefuses) {
  answers_ = {server::Response::text(400,
                                     "2 records refused (line_too_long): a line of 9 bytes\n"
                                     "1 records refused (too_far_in_future): late\n"),
              server::Response::text(400, "entry out of order\n")};
  PushClient client = this->client();
  ASSERT_TRUE(client.push(batch(10)).has_value());
  EXPECT_EQ(client.stored(), 7U);
  EXPECT_EQ(client.refused(), 3U);
  EXPECT_EQ(client.refusals().at("line_too_long").count, 2U);
  EXPECT_EQ(client.refusals().at("line_too_long").message, "a line of 9 bytes");
  // What another server means nobody knows; it has not all.
  ASSERT_TRUE(client.push(batch(5)).has_value());
  EXPECT_EQ(client.stored(), 7U);
  EXPECT_EQ(client.refused(), 8U);
  EXPECT_EQ(report_refusals("push", client), 1);
}

TEST_F(PushClientTest, BatchesThatAreTooLargeAreSentInParts) {
  max_rows_ = 4;
  PushClient client = this->client();
  ASSERT_TRUE(client.push(batch(10)).has_value());
  EXPECT_EQ(client.stored(), 10U);
  EXPECT_THAT(lines_, ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
  max_rows_ = 0;
  ASSERT_TRUE(client.push(batch(2)).has_value());
  EXPECT_EQ(client.refused(), 2U);
}

TEST_F(PushClientTest, AnAnswerThatNobodyExpectsIsAnError) {
  answers_ = {server::Response::text(401, "who are you\n"), server::Response::text(404, "what\n")};
  PushClient client = this->client();
  const auto first = client.push(batch(1));
  EXPECT_EQ(first.error().code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(first.error().message, HasSubstr("401: who are you"));
  EXPECT_EQ(client.push(batch(1)).error().code, ErrorCode::kUnavailable);
}

TEST_F(PushClientTest, TextGetsItsTimesAndLabels) {
  ::setenv("TZ", "UTC", 1);
  PushClient client = this->client();
  TextPush text({{{"service_name", "app"}, {"team", "ops"}}, 1'600'000'000'000'000'000, {}}, clock_,
                client);
  for (const char* line : {"header", "2023-11-14 22:13:20 a", "  b", "2023-11-14 22:13:21 c"})
    ASSERT_TRUE(text.add(line).has_value());
  ASSERT_TRUE(text.flush().has_value());
  EXPECT_THAT(lines_,
              ElementsAre("header", "2023-11-14 22:13:20 a", "  b", "2023-11-14 22:13:21 c"));
  EXPECT_THAT(times_, ElementsAre(1'600'000'000'000'000'000, 1'700'000'000'000'000'000,
                                  1'700'000'000'000'000'001, 1'700'000'001'000'000'000));
  EXPECT_EQ(labels_, R"({service_name="app", team="ops"})");
}

TEST_F(PushClientTest, JsonLinesGoAsTheyAre) {
  answers_ = {server::Response::json(
      R"({"status":"accepted","entries":1,"rejected":[{"reason":"r","message":"m","count":1}]})")};
  PushClient client = this->client();
  TextPush text({{{"service_name", "a&b"}}, std::nullopt, {}}, clock_, client);
  ASSERT_TRUE(text.add(R"({"message":"x"})").has_value());
  ASSERT_TRUE(text.add("no json").has_value());
  ASSERT_TRUE(text.flush().has_value());
  EXPECT_EQ(json_, "{\"message\":\"x\"}\nno json\n");
  EXPECT_EQ(query_, "a&b");
  EXPECT_EQ(client.stored(), 1U);
  EXPECT_EQ(client.refused(), 1U);
}

TEST_F(PushClientTest, LargeTextsGoInBatches) {
  PushClient client = this->client();
  TextPush text({{{"service_name", "app"}}, std::nullopt, {}}, clock_, client);
  const std::string line(1000, 'x');
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(text.add(line).has_value());
  EXPECT_GT(client.stored(), 1000U);
  EXPECT_LT(client.stored(), 3000U);
  ASSERT_TRUE(text.flush().has_value());
  EXPECT_EQ(client.stored(), 3000U);
  EXPECT_GE(tenants_.size(), 3U);
}

}  // namespace
}  // namespace livedata::cli
