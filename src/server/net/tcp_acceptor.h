#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"

namespace livedata::server {

/// A TCP port, and the loop that takes what connects to it. Must outlive the runs of its
/// io_context; close() and what it calls are for the thread that runs it.
class TcpAcceptor {
 public:
  using Take = std::function<void(boost::asio::ip::tcp::socket socket)>;

  explicit TcpAcceptor(boost::asio::io_context& io) : io_(io), acceptor_(io) {}
  TcpAcceptor(const TcpAcceptor&) = delete;
  TcpAcceptor& operator=(const TcpAcceptor&) = delete;

  /// Listens on an IP address; port 0 lets the system choose. kAlreadyExists: the port is in use.
  Result<void> listen(const std::string& host, std::uint16_t port);
  /// The port that listen() got.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Hands connections to `take` until close(). One that `take` destroys is closed.
  void start(Take take);
  /// Hands over what has connected by now and was not taken yet, and may have sent something.
  void take_waiting();
  void close();

 private:
  boost::asio::awaitable<void> accept();

  boost::asio::io_context& io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Take take_;
  std::uint16_t port_ = 0;
};

}  // namespace livedata::server
