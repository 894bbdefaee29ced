#include "app/application.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/doors.h"
#include "base/clock.h"
#include "server/http/client.h"

namespace livedata {
namespace {

using testing::HasSubstr;

class ApplicationTest : public testing::Test {
 protected:
  ApplicationTest() {
    folder_ = std::filesystem::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    start();
  }
  ~ApplicationTest() override {
    app_.reset();
    std::filesystem::remove_all(folder_);
  }

  Config config() {
    PosixFileSystem files;
    const auto nothing = [](const std::string&) { return std::nullopt; };
    return *load_config(files, std::nullopt, nothing,
                        {{"server.listen", "127.0.0.1:0"},
                         {"otlp.grpc_listen", "127.0.0.1:0"},
                         {"syslog.listen", "127.0.0.1:0"},
                         {"forward.listen", "127.0.0.1:0"},
                         {"data.folder", folder_},
                         {"collect.enabled", "false"},
                         {"log.level", "error"}});
  }
  void start() {
    app_.reset();
    auto app = Application::start(config());
    ASSERT_TRUE(app.has_value()) << app.error().message;
    app_ = *std::move(app);
  }

  server::ClientResponse post(const std::string& target, const std::string& type,
                              const std::string& body) {
    return *server::http_request(app_->url(), "POST", target, type, body);
  }
  server::ClientResponse get(const std::string& target) {
    return *server::http_request(app_->url(), "GET", target, "", "");
  }
  server::ClientResponse query(const std::string& text) {
    return get("/loki/api/v1/query_range?query=" + server::percent_encode(text));
  }
  static std::string now_text() { return std::to_string(SystemClock().now()); }
  std::string loki_push(const std::string& line) {
    return R"({"streams":[{"stream":{"app":"web"},"values":[[")" + now_text() + "\",\"" + line +
           "\"]]}]}";
  }

  std::filesystem::path folder_;
  std::unique_ptr<Application> app_;
};

TEST_F(ApplicationTest, WhatIsPushedIsFoundAtOnceAndAfterARestart) {
  EXPECT_EQ(post("/loki/api/v1/push", "application/json", loki_push("hello needle")).status, 204);
  EXPECT_THAT(query(R"({app="web"} |= "needle")").body, HasSubstr("hello needle"));
  start();
  EXPECT_THAT(query(R"({app="web"} |= "needle")").body, HasSubstr("hello needle"));
  EXPECT_THAT(query(R"({app="web"} |= "absent")").body, HasSubstr(R"("result":[])"));
}

TEST_F(ApplicationTest, NativePushTakesItsForms) {
  EXPECT_EQ(post("/api/v1/push?service=a", "application/json",
                 R"({"message":"one","level":"warn","status":5})")
                .body,
            R"({"status":"accepted","entries":1})");
  EXPECT_EQ(post("/api/v1/push?service=a", "application/json", R"([{"msg":"two"},{"msg":"three"}])")
                .status,
            200);
  EXPECT_EQ(post("/api/v1/push?service=a", "application/x-ndjson",
                 "{\"msg\":\"four\"}\n{\"msg\":\"five\"}\n")
                .status,
            200);
  EXPECT_EQ(post("/ingest?service=a", "text/plain", "six\nseven\n").body,
            R"({"status":"accepted","entries":2})");
  const std::string count =
      server::percent_encode(R"(sum(count_over_time({service_name="a"}[1h])))");
  EXPECT_THAT(get("/loki/api/v1/query?query=" + count).body, HasSubstr("\"7\"]"));
  EXPECT_THAT(query(R"({service_name="a"} | status > 4 | detected_level="warn")").body,
              HasSubstr("one"));
}

TEST_F(ApplicationTest, NativePushIsAllOrNothingUnlessAskedOtherwise) {
  const std::string body = "{\"msg\":\"good\"}\n{broken\n";
  const auto refused = post("/api/v1/push?service=a", "application/x-ndjson", body);
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("line 2"));
  EXPECT_THAT(query(R"({service_name="a"})").body, HasSubstr(R"("result":[])"));
  EXPECT_EQ(post("/api/v1/push?service=a&partial=1", "application/x-ndjson", body).status, 200);
  EXPECT_THAT(query(R"({service_name="a"})").body, HasSubstr("good"));
}

TEST_F(ApplicationTest, APartlyBadLokiPushKeepsTheGoodPartAndSaysSo) {
  const std::string future = std::to_string(SystemClock().now() + 3'600 * kNsPerSecond);
  const auto response = post("/loki/api/v1/push", "application/json",
                             R"({"streams":[{"stream":{"app":"web"},"values":[[")" + now_text() +
                                 R"(","kept"],[")" + future + R"(","late"]]}]})");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("too_far_in_future"));
  EXPECT_THAT(query(R"({app="web"})").body, HasSubstr("kept"));
}

TEST_F(ApplicationTest, BadRequestsGetClearAnswers) {
  const auto json = post("/loki/api/v1/push", "application/json", "{\"streams\":[");
  EXPECT_EQ(json.status, 400);
  EXPECT_THAT(json.body, HasSubstr("malformed"));
  EXPECT_EQ(post("/loki/api/v1/push", "application/x-protobuf", "not snappy").status, 400);
  EXPECT_EQ(post("/api/v1/push", "image/png", "x").status, 400);
  EXPECT_EQ(get("/loki/api/v1/nothing").status, 404);
  EXPECT_EQ(get("/loki/api/v1/push").status, 405);
  const auto syntax = query(R"({app="web"} | jsn)");
  EXPECT_EQ(syntax.status, 400);
  EXPECT_THAT(syntax.body, HasSubstr("parse error at line 1, col"));
  EXPECT_EQ(get("/loki/api/v1/query?query=" + server::percent_encode("{app=\"x\"}")).status, 400);
  EXPECT_EQ(get("/loki/api/v1/query_range?query=%7Ba%3D%22b%22%7D&limit=0").status, 400);
  EXPECT_EQ(post("/api/v1/push", "text/plain", std::string(17U << 20U, 'x')).status, 413);
}

TEST_F(ApplicationTest, AnswersGrafanasHealthCheck) {
  const auto response = get("/loki/api/v1/query?query=vector(1)%2Bvector(1)&time=4000000000");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(
      response.body,
      HasSubstr(R"("resultType":"vector","result":[{"metric":{},"value":[4000000000,"2"]}])"));
}

TEST_F(ApplicationTest, LabelsAndSeries) {
  post("/loki/api/v1/push", "application/json", loki_push("x"));
  EXPECT_EQ(get("/loki/api/v1/labels").body,
            R"({"status":"success","data":["app","service_name"]})");
  EXPECT_EQ(get("/loki/api/v1/label/app/values").body, R"({"status":"success","data":["web"]})");
  EXPECT_EQ(get("/loki/api/v1/series?match[]=%7Bapp%3D%22web%22%7D").body,
            R"({"status":"success","data":[{"app":"web","service_name":"web"}]})");
}

TEST_F(ApplicationTest, CategorizedLabelsOnRequest) {
  post("/loki/api/v1/push", "application/json",
       R"({"streams":[{"stream":{"app":"web"},"values":[[")" + now_text() +
           R"(","level=error x",{"trace_id":"t1"}]]}]})");
  EXPECT_THAT(
      query(R"({app="web"})").body,
      HasSubstr(
          R"("stream":{"app":"web","detected_level":"error","service_name":"web","trace_id":"t1"})"));
}

TEST_F(ApplicationTest, TellsHowItIs) {
  EXPECT_EQ(get("/ready").status, 200);
  EXPECT_EQ(get("/healthz").body, R"({"status":"healthy"})");
  EXPECT_THAT(get("/metrics").body, HasSubstr("livedata_http_requests_total"));
  EXPECT_EQ(get("/").status, 200);
}

TEST_F(ApplicationTest, RefusesAFolderInUseAndANetworkAddress) {
  const auto second = Application::start(config());
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr("another livedata uses the data folder"));
  Config open = config();
  open.listen = "0.0.0.0:0";
  EXPECT_THAT(Application::start(open).error().message, HasSubstr("--allow-unauthenticated"));
}

TEST_F(ApplicationTest, ReceivesSyslog) {
  const std::string addresses = app_->doors().syslog_addresses();
  ASSERT_THAT(addresses, testing::MatchesRegex("127.0.0.1:[0-9]+ .UDP and TCP."));
  const auto port = static_cast<std::uint16_t>(std::stoi(addresses.substr(10)));
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string message = "<11>shop[7]: payment failed";
  EXPECT_EQ(::sendto(socket, message.data(), message.size(), 0,
                     reinterpret_cast<const sockaddr*>(&address), sizeof address),
            static_cast<ssize_t>(message.size()));
  ::close(socket);
  // What has arrived is written before the end.
  start();
  EXPECT_THAT(query(R"({app="shop", severity="err", facility="user"} | proc_id="7")").body,
              HasSubstr("payment failed"));
}

TEST_F(ApplicationTest, RefusesASyslogPortInUse) {
  Config other = config();
  other.data_folder += "_other";
  other.syslog_listen = "127.0.0.1:" + std::to_string(app_->port());
  const auto second = Application::start(other);
  std::filesystem::remove_all(other.data_folder);
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr("syslog: port "));
}

TEST_F(ApplicationTest, ReceivesTheForwardProtocol) {
  const std::string addresses = app_->doors().forward_addresses();
  ASSERT_THAT(addresses, testing::MatchesRegex("127.0.0.1:[0-9]+ .TCP."));
  const auto port = static_cast<std::uint16_t>(std::stoi(addresses.substr(10)));
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  // ["shop", nil, {"log": "payment failed"}, {"chunk": "c"}]
  const std::string message =
      "\x94\xa4shop\xc0\x81\xa3log\xaepayment failed\x81\xa5"
      "chunk\xa1"
      "c";
  EXPECT_EQ(::send(socket, message.data(), message.size(), 0),
            static_cast<ssize_t>(message.size()));
  std::string answer(100, '\0');
  answer.resize(static_cast<std::size_t>(::recv(socket, answer.data(), answer.size(), 0)));
  EXPECT_EQ(answer,
            "\x81\xa3"
            "ack\xa1"
            "c");
  ::close(socket);
  EXPECT_THAT(query(R"({tag="shop"})").body, HasSubstr("payment failed"));
}

TEST_F(ApplicationTest, RefusesAForwardPortInUseThatWasAskedFor) {
  Config other = config();
  other.data_folder += "_other";
  other.forward_listen = "127.0.0.1:" + std::to_string(app_->port());
  const auto second = Application::start(other);
  std::filesystem::remove_all(other.data_folder);
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr("forward protocol: port "));
}

}  // namespace
}  // namespace livedata
