// Bodies that are made while they are sent, over real connections.
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "server/http/server.h"

namespace livedata::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
namespace asio = boost::asio;

class Source : public BodySource {
 public:
  Source(int pieces, bool fails, std::size_t bytes, std::atomic<int>& gone)
      : pieces_(pieces), fails_(fails), bytes_(bytes), gone_(gone) {}
  ~Source() override { ++gone_; }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  Result<std::string> next() override {
    if (pieces_-- > 0) return std::string(bytes_, 'x');
    if (fails_) return fail(ErrorCode::kInternal, "in the middle");
    return std::string();
  }

 private:
  int pieces_;
  bool fails_;
  std::size_t bytes_;
  std::atomic<int>& gone_;
};

class BodySourceTest : public testing::Test {
 protected:
  BodySourceTest() {
    const auto add = [this](const char* path, int pieces, bool fails, std::size_t bytes) {
      router_.add(
          "GET", path,
          [=, this](const Request&) {
            Response response;
            response.source = std::make_shared<Source>(pieces, fails, bytes, gone_);
            return response;
          },
          Lane::kQuery);
    };
    add("/short", 3, false, 4);
    add("/none", 0, false, 0);
    add("/broken", 3, true, 4);
    add("/endless", 1 << 30, false, 1 << 20);
    HttpOptions options;
    options.port = 0;
    auto server = HttpServer::start(options, router_, logger_);
    EXPECT_TRUE(server.has_value());
    server_ = *std::move(server);
  }

  asio::ip::tcp::socket connect() {
    asio::ip::tcp::socket socket(io_);
    socket.connect({asio::ip::make_address("127.0.0.1"), server_->port()});
    return socket;
  }

  /// Everything until the server closes.
  std::string ask(const std::string& request) {
    auto socket = connect();
    asio::write(socket, asio::buffer(request));
    std::string answer;
    boost::system::error_code error;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
  }

  SystemClock clock_;
  Logger logger_{clock_, LogLevel::kError};
  MetricRegistry metrics_;
  Router router_{metrics_};
  std::atomic<int> gone_{0};
  asio::io_context io_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(BodySourceTest, SendsPiecesAsChunksAndGoesOn) {
  const std::string answer =
      ask("GET /short HTTP/1.1\r\nHost: a\r\n\r\n"
          "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer,
              HasSubstr("\r\n\r\n4\r\nxxxx\r\n4\r\nxxxx\r\n4\r\nxxxx\r\n0\r\n\r\nHTTP/1.1 200"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n0\r\n\r\n"));
}

TEST_F(BodySourceTest, ClosesForAnOldClient) {
  EXPECT_THAT(ask("GET /short HTTP/1.0\r\n\r\n"), EndsWith("\r\n\r\nxxxxxxxxxxxx"));
}

TEST_F(BodySourceTest, BreaksOffWhatFails) {
  const std::string answer = ask("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer, EndsWith("4\r\nxxxx\r\n"));
  EXPECT_THAT(answer, Not(EndsWith("0\r\n\r\n")));
}

TEST_F(BodySourceTest, EndsWhenTheClientGoes) {
  {
    auto socket = connect();
    asio::write(socket, asio::buffer(std::string("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")));
    std::string some(100'000, '\0');
    asio::read(socket, asio::buffer(some));
  }
  for (int i = 0; i < 1000 && gone_ == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(gone_, 1);
}

}  // namespace
}  // namespace livedata::server
