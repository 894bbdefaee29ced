#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace livedata::server {

/// A blocking socket of a test, connected to a port of 127.0.0.1.
class TestSocket {
 public:
  explicit TestSocket(std::uint16_t port, int type = SOCK_STREAM)
      : socket_(::socket(AF_INET, type, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~TestSocket() { close(); }
  TestSocket(const TestSocket&) = delete;
  TestSocket& operator=(const TestSocket&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Sends until the other side takes no more for a while, and returns how much it took.
  std::size_t send_until_blocked(std::string_view bytes) {
    std::size_t total = 0;
    while (total < bytes.size()) {
      pollfd writable{socket_, POLLOUT, 0};
      if (::poll(&writable, 1, 300) <= 0) break;
      const ssize_t sent =
          ::send(socket_, bytes.data() + total, bytes.size() - total, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) total += static_cast<std::size_t>(sent);
    }
    return total;
  }
  /// What comes within the time; "" also when the other side has closed.
  std::string receive(std::chrono::milliseconds within = std::chrono::seconds(10)) {
    pollfd readable{socket_, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(within.count())) <= 0) return "";
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : "";
  }
  /// Whether the other side closes within the time.
  bool is_closed(std::chrono::milliseconds within = std::chrono::seconds(10)) {
    pollfd readable{socket_, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(within.count())) <= 0) return false;
    char byte = 0;
    return ::recv(socket_, &byte, 1, MSG_PEEK) <= 0;
  }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
};

}  // namespace livedata::server
