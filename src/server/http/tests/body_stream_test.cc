// Bodies that are taken as streams, over real connections.
#include <sys/socket.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "server/http/server.h"

namespace livedata::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
namespace asio = boost::asio;

/// What the sinks of a test have been given, and what they wait for.
struct Taken {
  std::mutex mutex;
  std::condition_variable changed;
  std::string bytes;
  std::size_t largest_piece = 0;
  bool gone = false;
  bool held = false;

  template <class Condition>
  bool wait(const Condition& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), condition);
  }
  void hold(bool value) {
    const std::lock_guard lock(mutex);
    held = value;
    changed.notify_all();
  }
};

class Sink : public BodySink {
 public:
  explicit Sink(Taken& taken) : taken_(taken) {}
  ~Sink() override {
    const std::lock_guard lock(taken_.mutex);
    taken_.gone = true;
    taken_.changed.notify_all();
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  Result<void> take(std::string_view piece) override {
    std::unique_lock lock(taken_.mutex);
    taken_.bytes += piece;
    taken_.largest_piece = std::max(taken_.largest_piece, piece.size());
    taken_.changed.notify_all();
    taken_.changed.wait(lock, [this] { return !taken_.held; });
    if (piece.find("refuse") != std::string_view::npos)
      return fail(ErrorCode::kInvalidArgument, "refused");
    return {};
  }
  Response finish() override { return Response::text(202, "OK.\n"); }

 private:
  Taken& taken_;
};

class BodyStreamTest : public testing::Test {
 protected:
  void start(std::size_t max_streams = 10) {
    router_.add_stream(
        "/stream", [this](const Request& r) -> tl::expected<std::unique_ptr<BodySink>, Response> {
          if (r.header("content-type") == "wrong/type")
            return tl::unexpected(Response::text(415, "wrong type\n"));
          return std::make_unique<Sink>(taken_);
        });
    router_.add("POST", "/whole", [](const Request& r) {
      return Response::text(200, std::to_string(r.body.size()));
    });
    HttpOptions options;
    options.port = 0;
    options.max_body_bytes = 1000;
    options.max_body_streams = max_streams;
    options.max_buffered_bytes = 2500;
    auto server = HttpServer::start(options, router_, logger_);
    ASSERT_TRUE(server.has_value());
    server_ = std::move(*server);
  }

  asio::ip::tcp::socket connect() {
    asio::ip::tcp::socket socket(io_);
    socket.connect({asio::ip::make_address("127.0.0.1"), server_->port()});
    return socket;
  }
  static std::string head(const std::string& more, const std::string& path = "/stream") {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
  }
  static std::string chunk(const std::string& text) {
    return fmt::format("{:x}\r\n{}\r\n", text.size(), text);
  }
  static void send(asio::ip::tcp::socket& socket, const std::string& text) {
    boost::system::error_code error;
    asio::write(socket, asio::buffer(text), error);
  }
  /// One answer with a Content-Length.
  static std::string receive(asio::ip::tcp::socket& socket) {
    boost::system::error_code error;
    std::string text;
    const std::size_t head_size =
        asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", error);
    const std::size_t at = text.find("Content-Length: ");
    if (error || at == std::string::npos) return text;
    const std::size_t size = head_size + std::stoul(text.substr(at + 16));
    if (text.size() < size)
      asio::read(socket, asio::dynamic_buffer(text), asio::transfer_exactly(size - text.size()),
                 error);
    return text;
  }

  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  Router router_{metrics_};
  Taken taken_;
  asio::io_context io_;
  std::unique_ptr<HttpServer> server_;
};

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

TEST_F(BodyStreamTest, PiecesArriveBeforeTheBodyEnds) {
  start();
  auto socket = connect();
  send(socket, head(kChunked) + chunk("one"));
  EXPECT_TRUE(taken_.wait([&] { return taken_.bytes == "one"; }));
  send(socket, chunk("two") + chunk("three"));
  EXPECT_TRUE(taken_.wait([&] { return taken_.bytes == "onetwothree"; }));
  send(socket, "0\r\n\r\n");
  const std::string answer = receive(socket);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 202 "));
  EXPECT_THAT(answer, HasSubstr("OK."));
}

TEST_F(BodyStreamTest, TheConnectionIsKeptForTheNextRequest) {
  start();
  auto socket = connect();
  for (int i = 0; i < 3; ++i) {
    send(socket, head(kChunked) + chunk("a") + "0\r\n\r\n");
    EXPECT_THAT(receive(socket), StartsWith("HTTP/1.1 202 "));
    send(socket, head("Content-Length: 2\r\n") + "bb");
    EXPECT_THAT(receive(socket), StartsWith("HTTP/1.1 202 "));
    send(socket, head("Content-Length: 0\r\n"));
    EXPECT_THAT(receive(socket), StartsWith("HTTP/1.1 202 "));
    send(socket, head("Content-Length: 3\r\n", "/whole") + "ccc");
    EXPECT_THAT(receive(socket), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_EQ(taken_.bytes, "abbabbabb");
}

TEST_F(BodyStreamTest, NeitherTheBoundOfBodiesNorAClaimedLengthMatters) {
  start();
  auto socket = connect();
  // No memory is taken for what is only announced.
  send(socket, head("Content-Length: 1000000000000000\r\n") + std::string(5'000'000, 'x'));
  EXPECT_TRUE(taken_.wait([&] { return taken_.bytes.size() == 5'000'000; }));
  EXPECT_LT(taken_.largest_piece, 2'000'000U);
  auto other = connect();
  send(other, head("Content-Length: 1001\r\n", "/whole") + std::string(1001, 'x'));
  EXPECT_THAT(receive(other), StartsWith("HTTP/1.1 413 "));
  auto chunked = connect();
  send(chunked, head(kChunked, "/whole") + chunk(std::string(1001, 'x')) + "0\r\n\r\n");
  EXPECT_THAT(receive(chunked), StartsWith("HTTP/1.1 413 "));
}

TEST_F(BodyStreamTest, NothingIsReadWhileASinkIsBusy) {
  start();
  taken_.hold(true);
  auto socket = connect();
  socket.non_blocking(true);
  send(socket, head(kChunked));
  const std::string piece = chunk(std::string(1U << 20U, 'x'));
  std::size_t sent = 0;
  int refused = 0;
  // The kernel's buffers take some megabytes; then the sender has to wait.
  while (sent < 100 * piece.size() && refused < 20) {
    boost::system::error_code error;
    const std::size_t n = socket.write_some(
        asio::buffer(piece.data() + sent % piece.size(), piece.size() - sent % piece.size()),
        error);
    sent += n;
    refused = n > 0 ? 0 : refused + 1;
    if (n == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_LT(sent, 100 * piece.size());
  EXPECT_LT(taken_.largest_piece, 2'000'000U);
  taken_.hold(false);
  socket.non_blocking(false);
  send(socket, piece.substr(sent % piece.size()) + "0\r\n\r\n");
  EXPECT_THAT(receive(socket), StartsWith("HTTP/1.1 202 "));
}

TEST_F(BodyStreamTest, ABrokenConnectionDestroysTheSink) {
  start();
  {
    auto socket = connect();
    send(socket, head(kChunked) + chunk("kept"));
    EXPECT_TRUE(taken_.wait([&] { return taken_.bytes == "kept"; }));
  }
  EXPECT_TRUE(taken_.wait([&] { return taken_.gone; }));
  for (int i = 0; i < 100 && metrics_.render().find("499") == std::string::npos; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_THAT(metrics_.render(), HasSubstr("status=\"499\""));
}

TEST_F(BodyStreamTest, AnErrorEndsTheRequest) {
  start();
  auto socket = connect();
  send(socket, head(kChunked) + chunk("refuse") + chunk(std::string(100'000, 'x')));
  const std::string answer = receive(socket);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer, HasSubstr("refused"));
}

TEST_F(BodyStreamTest, ARequestCanBeRefusedBeforeItsBody) {
  start();
  auto socket = connect();
  send(socket, head(kChunked + "Expect: 100-continue\r\nContent-Type: wrong/type\r\n"));
  EXPECT_THAT(receive(socket), StartsWith("HTTP/1.1 415 "));
  auto invited = connect();
  send(invited, head(kChunked + "Expect: 100-continue\r\n"));
  EXPECT_THAT(receive(invited), StartsWith("HTTP/1.1 100 "));
  send(invited, chunk("x") + "0\r\n\r\n");
  EXPECT_THAT(receive(invited), StartsWith("HTTP/1.1 202 "));
}

TEST_F(BodyStreamTest, TheNumberOfStreamsIsBounded) {
  start(1);
  auto first = connect();
  send(first, head(kChunked) + chunk("a"));
  EXPECT_TRUE(taken_.wait([&] { return taken_.bytes == "a"; }));
  auto second = connect();
  send(second, head(kChunked) + chunk("b") + "0\r\n\r\n");
  EXPECT_THAT(receive(second), StartsWith("HTTP/1.1 503 "));
  send(first, "0\r\n\r\n");
  EXPECT_THAT(receive(first), StartsWith("HTTP/1.1 202 "));
  auto third = connect();
  send(third, head(kChunked) + "0\r\n\r\n");
  EXPECT_THAT(receive(third), StartsWith("HTTP/1.1 202 "));
}

TEST_F(BodyStreamTest, WhatAllBodiesTakeIsBounded) {
  start();
  auto first = connect();
  send(first, head("Content-Length: 1000\r\n", "/whole") + std::string(10, 'x'));
  auto second = connect();
  send(second, head(kChunked, "/whole") + chunk("a"));  // may become as large as is allowed
  const auto has_room_taken = [&] {
    for (int i = 0; i < 2000 && server_->buffered_bytes() != 2000; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return server_->buffered_bytes() == 2000;
  };
  ASSERT_TRUE(has_room_taken());
  auto third = connect();
  send(third, head("Content-Length: 600\r\n", "/whole") + std::string(600, 'x'));
  const std::string refusal = receive(third);
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refusal, HasSubstr("Retry-After: 1"));
  auto small = connect();
  send(small, head("Content-Length: 500\r\n", "/whole") + std::string(500, 'x'));
  EXPECT_THAT(receive(small), StartsWith("HTTP/1.1 200 "));
  send(first, std::string(990, 'x'));
  EXPECT_THAT(receive(first), StartsWith("HTTP/1.1 200 "));
  auto again = connect();
  send(again, head("Content-Length: 600\r\n", "/whole") + std::string(600, 'x'));
  EXPECT_THAT(receive(again), StartsWith("HTTP/1.1 200 "));
}

TEST_F(BodyStreamTest, MalformedChunksEndTheStream) {
  start();
  auto socket = connect();
  send(socket, head(kChunked) + "zz\r\nabc");
  EXPECT_THAT(receive(socket), StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(taken_.wait([&] { return taken_.gone; }));
  EXPECT_EQ(taken_.bytes, "");
}

TEST_F(BodyStreamTest, TheServerStopsWithStreamsOpen) {
  start();
  auto socket = connect();
  send(socket, head(kChunked) + chunk("a"));
  EXPECT_TRUE(taken_.wait([&] { return taken_.bytes == "a"; }));
  server_.reset();
  EXPECT_TRUE(taken_.gone);
}

}  // namespace
}  // namespace livedata::server
