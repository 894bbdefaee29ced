#include "server/grpc/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "server/grpc/message.h"
#include "server/grpc/tests/http2_client.h"

namespace livedata::server::grpc {
namespace {

using testing::EndsWith;
using testing::StartsWith;

/// A blocking socket with five seconds of patience.
class Socket {
 public:
  explicit Socket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{5, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void send(std::string_view bytes) const {
    ASSERT_EQ(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  /// "" when the server has closed, or after the patience.
  [[nodiscard]] std::string receive() const {
    std::string bytes(65536, '\0');
    const ssize_t size = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }

 private:
  int descriptor_;
};

class GrpcServerTest : public testing::Test {
 protected:
  GrpcServerTest() {
    options_.port = 0;
    options_.limits.max_message_bytes = 1'000'000;
    options_.limits.max_expanded_bytes = 1'000'000;
    options_.limits.max_buffered_bytes = 10'000'000;
    methods_["/test.Service/Echo"] = [this](const Caller&, std::string_view message,
                                            const Deadline&) -> Result<std::string> {
      ++running_;
      if (message == "slow") std::this_thread::sleep_for(std::chrono::milliseconds(300));
      return std::string(message);
    };
  }
  void start() {
    auto server = GrpcServer::start(options_, methods_, metrics_, logger_);
    ASSERT_TRUE(server.has_value()) << server.error().message;
    server_ = *std::move(server);
  }
  static Http2Client::Response answer(const Socket& socket, Http2Client& client,
                                      StreamNumber stream) {
    while (!client.response(stream).is_closed) {
      const std::string bytes = socket.receive();
      if (bytes.empty()) break;
      EXPECT_TRUE(client.receive(bytes));
      if (const std::string more = client.write(); !more.empty()) socket.send(more);
    }
    return client.response(stream);
  }
  Http2Client::Response echo(const Socket& socket, Http2Client& client,
                             const std::string& message) {
    const StreamNumber stream = client.call("/test.Service/Echo", message);
    socket.send(client.write());
    return answer(socket, client, stream);
  }

  SystemClock clock_;
  MetricRegistry metrics_;
  Logger logger_{clock_, LogLevel::kError};
  GrpcOptions options_;
  Methods methods_;
  std::atomic<int> running_{0};
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcServerTest, ManyClientsAtTheSameTime) {
  start();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const Socket socket(server_->port());
      Http2Client client;
      for (int j = 0; j < 50; ++j) {
        const std::string message = fmt::format("{} {}", i, j);
        if (echo(socket, client, message).body == frame_message(message)) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 400);
}

TEST_F(GrpcServerTest, RunningCallsAreAnsweredBeforeItStops) {
  start();
  const Socket socket(server_->port());
  Http2Client client;
  const StreamNumber stream = client.call("/test.Service/Echo", "slow");
  socket.send(client.write());
  while (running_ == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server_.reset();
  EXPECT_EQ(answer(socket, client, stream).header("grpc-status"), "0");
}

TEST_F(GrpcServerTest, StopsWithOpenConnectionsAtOnce) {
  start();
  const Socket silent(server_->port());
  const Socket used(server_->port());
  Http2Client client;
  echo(used, client, "x");
  const auto begin = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(GrpcServerTest, APortInUseIsNamed) {
  start();
  options_.port = server_->port();
  const auto second = GrpcServer::start(options_, methods_, metrics_, logger_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(GrpcServerTest, HttpClientsLearnThatThePortIsTheWrongOne) {
  start();
  const Socket socket(server_->port());
  socket.send("POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
  std::string text;
  for (std::string bytes = socket.receive(); !bytes.empty(); bytes = socket.receive())
    text += bytes;
  EXPECT_THAT(text, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(text, EndsWith("/v1/logs\n"));
}

TEST_F(GrpcServerTest, FurtherConnectionsAreClosed) {
  options_.max_connections = 1;
  start();
  const Socket first(server_->port());
  Http2Client client;
  EXPECT_EQ(echo(first, client, "x").header("grpc-status"), "0");
  const Socket second(server_->port());
  EXPECT_EQ(second.receive(), "");
}

TEST_F(GrpcServerTest, SilentConnectionsAreClosed) {
  options_.idle_timeout = std::chrono::milliseconds(10);
  options_.check_interval = std::chrono::milliseconds(20);
  start();
  const Socket socket(server_->port());
  const auto begin = std::chrono::steady_clock::now();
  while (!socket.receive().empty()) {
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
}

}  // namespace
}  // namespace livedata::server::grpc
