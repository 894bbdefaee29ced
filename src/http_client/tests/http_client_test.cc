#include "http_client/http_client.h"

#include <sys/eventfd.h>

#include <atomic>
#include <csignal>

#include <gtest/gtest.h>

#include "http_client/tests/scripted_server.h"
#include "server/streams/tests/test_certificate.h"

namespace livedata::http_client {
namespace {

TEST(HttpClientTest, SendsMethodHeadersAndBody) {
  std::string seen;
  const std::string body(300'000, 'b');
  ScriptedServer server([&](const std::string& request) {
    seen = request;
    return answer_of(201, "made", "X-Thing:  a b \r\n");
  });
  HttpClient client({});
  const auto answer = client.send({.method = "PUT",
                                   .url = server.url("/a/b?c=d"),
                                   .headers = {{"X-One", "1"}, {"X-Empty", ""}},
                                   .body = body},
                                  Deadline());
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "made");
  EXPECT_EQ(answer->header("x-thing"), "a b");
  EXPECT_EQ(answer->header("x-other"), "");
  EXPECT_TRUE(seen.starts_with("PUT /a/b?c=d HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("X-One: 1\r\n"), std::string::npos);
  EXPECT_NE(seen.find("X-Empty:\r\n"), std::string::npos);
  EXPECT_NE(seen.find("Content-Length: 300000\r\n"), std::string::npos);
  EXPECT_EQ(seen.find("Expect"), std::string::npos);
  EXPECT_TRUE(seen.ends_with("\r\n\r\n" + body));
}

TEST(HttpClientTest, KeepsAConnectionForTheNextRequest) {
  ScriptedServer server([](const std::string& request) {
    return request.starts_with("HEAD") ? "HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\n"
                                       : answer_of(204, "");
  });
  HttpClient client({});
  for (const char* method : {"GET", "HEAD", "DELETE", "POST", "HEAD", "GET"}) {
    const auto answer = client.send({.method = method, .url = server.url("/")}, Deadline());
    ASSERT_TRUE(answer.has_value()) << method << answer.error().message;
    EXPECT_EQ(answer->status, method == std::string_view("HEAD") ? 200 : 204) << method;
  }
  EXPECT_EQ(server.num_connections(), 1);
}

TEST(HttpClientTest, FollowsNoRedirect) {
  ScriptedServer server(
      [](const std::string&) { return answer_of(302, "", "Location: http://127.0.0.1:1/\r\n"); });
  HttpClient client({});
  const auto answer = client.send({.url = server.url("/")}, Deadline());
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 302);
}

TEST(HttpClientTest, BoundsBodyAndHeaders) {
  ScriptedServer server([](const std::string& request) {
    return request.starts_with("GET /body")
               ? answer_of(200, std::string(1'001, 'x'))
               : answer_of(200, "", "X: " + std::string(90'000, 'x') + "\r\n");
  });
  HttpClient client({});
  const auto body =
      client.send({.url = server.url("/body"), .max_answer_bytes = 1'000}, Deadline());
  EXPECT_EQ(body.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(client.send({.url = server.url("/body"), .max_answer_bytes = 1'001}, Deadline()));
  EXPECT_EQ(client.send({.url = server.url("/headers")}, Deadline()).error().code,
            ErrorCode::kTooLarge);
}

TEST(HttpClientTest, AnAnswerThatIsCutOffIsNone) {
  ScriptedServer server([](const std::string&) {
    return "HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 10\r\n\r\n12345";
  });
  HttpClient client({});
  const auto answer = client.send({.url = server.url("/")}, Deadline());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST(HttpClientTest, EndsAtTheTimeLimitAndWhenItIsStopped) {
  ScriptedServer server([](const std::string&) { return std::string(); });
  HttpClient client({});
  const auto late = client.send({.url = server.url("/x?secret=1")},
                                Deadline::after(std::chrono::milliseconds(50)));
  EXPECT_EQ(late.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(late.error().message.find("secret"), std::string::npos);
  const Deadline cancelled;
  cancelled.cancel();
  EXPECT_EQ(client.send({.url = server.url("/")}, cancelled).error().code, ErrorCode::kCancelled);
  const Deadline later;
  std::thread canceller([&] { later.cancel(); });
  EXPECT_EQ(client.send({.url = server.url("/")}, later).error().code, ErrorCode::kCancelled);
  canceller.join();
  const int stop = ::eventfd(1, 0);
  EXPECT_EQ(client.send({.url = server.url("/"), .stop_fd = stop}, Deadline()).error().code,
            ErrorCode::kCancelled);
  ::close(stop);
}

TEST(HttpClientTest, GivesUpWhereNothingMoves) {
  ScriptedServer server([](const std::string&) { return std::string(); });
  HttpClient client({.stall_timeout = std::chrono::seconds(1)});
  EXPECT_EQ(client.send({.url = server.url("/")}, Deadline()).error().code,
            ErrorCode::kUnavailable);
}

TEST(HttpClientTest, NamesWhoIsNotThere) {
  HttpClient client({});
  const auto answer = client.send({.url = "http://127.0.0.1:1/x"}, Deadline());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(answer.error().message.find("http://127.0.0.1:1/x"), std::string::npos);
}

TEST(HttpClientTest, RefusesOtherSchemesAndLineBreaks) {
  HttpClient client({});
  for (const char* url :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "", "http://127.0.0.1/\r\nX: 1"}) {
    EXPECT_EQ(client.send({.url = url}, Deadline()).error().code, ErrorCode::kInvalidArgument)
        << url;
  }
  EXPECT_EQ(client.send({.url = "http://127.0.0.1:1/", .headers = {{"X", "1\r\nY: 2"}}}, Deadline())
                .error()
                .code,
            ErrorCode::kInvalidArgument);
}

TEST(HttpClientTest, WhatSpeaksNoHttpIsNoServer) {
  ScriptedServer server(
      [](const std::string&) { return std::string("220 mail ESMTP Connection: close\r\n"); });
  HttpClient client({});
  EXPECT_FALSE(client.send({.url = server.url("/")}, Deadline()));
}

TEST(HttpClientTest, VerifiesCertificates) {
  ::signal(SIGPIPE, SIG_IGN);
  const server::TestCertificate certificate("127.0.0.1");
  ScriptedServer server([](const std::string&) { return answer_of(200, "safe"); },
                        certificate.certificate_file, certificate.key_file);
  HttpClient distrusting({});
  const auto refused = distrusting.send({.url = server.url("/")}, Deadline());
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied) << refused.error().message;
  HttpClient trusting({.ca_file = certificate.certificate_file});
  const auto answer = trusting.send({.url = server.url("/")}, Deadline());
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "safe");
}

TEST(HttpClientTest, ACertificateOfAnotherHostIsNotTrusted) {
  ::signal(SIGPIPE, SIG_IGN);
  const server::TestCertificate certificate("other.example");
  ScriptedServer server([](const std::string&) { return answer_of(200, "safe"); },
                        certificate.certificate_file, certificate.key_file);
  HttpClient client({.ca_file = certificate.certificate_file});
  EXPECT_EQ(client.send({.url = server.url("/")}, Deadline()).error().code,
            ErrorCode::kPermissionDenied);
}

TEST(HttpClientTest, ManyThreadsShareAClient) {
  ScriptedServer server(
      [](const std::string&) { return answer_of(200, "x", "Connection: close\r\n"); });
  HttpClient client({});
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        if (client.send({.url = server.url("/")}, Deadline())) ++answered;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 80);
}

}  // namespace
}  // namespace livedata::http_client
