#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/grpc/call_server.h"

namespace livedata::server::grpc {

/// A client's socket with the calls on it. For the thread that runs the socket's io_context; owned
/// by its coroutines and by the calls that run elsewhere.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;
  /// Runs a call elsewhere, and then finish() on this thread. False: there is no room.
  using Start =
      std::function<bool(std::shared_ptr<Connection>, StreamNumber stream, ReadyCall call)>;

  Connection(boost::asio::ip::tcp::socket socket, const Methods& methods, const CallLimits& limits,
             CallTotals& totals, MetricRegistry& metrics, Start start);

  /// Returns when the client, an error or close() has ended it and nothing works on it any more.
  boost::asio::awaitable<void> run();
  void finish(StreamNumber stream, const Result<std::string>& reply);

  /// Refuses requests that take too long to come in.
  void refuse_overdue();
  /// Answers the calls that are open, and takes no more.
  void go_away();
  void close();
  /// Whether it has had no calls for so long.
  [[nodiscard]] bool is_idle(Clock::duration timeout) const;
  /// Whether what is sent has not been taken for so long.
  [[nodiscard]] bool is_stuck(Clock::duration timeout) const;
  [[nodiscard]] bool is_writing() const { return is_writing_; }

 private:
  void take(std::string_view bytes);
  void flush();
  bool fill_output();
  boost::asio::awaitable<void> write_all();
  void end_sending();

  boost::asio::ip::tcp::socket socket_;
  Start start_;
  CallServer calls_;
  std::array<char, 16384> input_{};
  std::string output_;
  bool speaks_http2_ = true;
  bool is_writing_ = false;
  bool is_closing_ = false;  // as soon as what is to be sent has been sent
  boost::asio::steady_timer write_end_;
  Clock::time_point last_read_ = Clock::now();
  Clock::time_point write_began_;
};

}  // namespace livedata::server::grpc
