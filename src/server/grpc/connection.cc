#include "server/grpc/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace livedata::server::grpc {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// What somebody gets who talks HTTP/1 to this port: the likely mistake is the wrong port.
constexpr std::string_view kWrongProtocol =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    "Content-Length: 81\r\n\r\n"
    "this port speaks gRPC; OTLP over HTTP goes to the port of the web page, /v1/logs\n";

/// Bytes that a client may send behind what ended its connection.
constexpr std::size_t kMaxLeftOver = 1 << 20;

}  // namespace

Connection::Connection(tcp::socket socket, const Methods& methods, const CallLimits& limits,
                       CallTotals& totals, MetricRegistry& metrics, Start start)
    : socket_(std::move(socket)),
      start_(std::move(start)),
      calls_(methods, limits, totals, metrics,
             [this](StreamNumber stream, ReadyCall call) {
               return start_(shared_from_this(), stream, std::move(call));
             }),
      write_end_(socket_.get_executor()) {}

asio::awaitable<void> Connection::run() {
  const std::shared_ptr<Connection> self = shared_from_this();
  error_code error;
  socket_.set_option(tcp::no_delay(true), error);
  // Nothing is sent before the client has shown what it speaks.
  for (std::size_t left_over = 0; left_over < kMaxLeftOver;) {
    const std::size_t size = co_await socket_.async_read_some(
        asio::buffer(input_), asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    last_read_ = Clock::now();
    if (is_closing_) {
      // Closing with unread bytes resets the connection, and the client would not see the answer.
      left_over += size;
      continue;
    }
    take({input_.data(), size});
    flush();
  }
  close();
  while (is_writing_) {
    write_end_.expires_at(Clock::time_point::max());
    co_await write_end_.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

void Connection::take(std::string_view bytes) {
  const Result<void> received = calls_.receive(bytes);
  if (received) return;
  is_closing_ = true;
  if (received.error().code != ErrorCode::kUnsupported) return;
  speaks_http2_ = false;
  output_ = kWrongProtocol;
}

bool Connection::fill_output() {
  if (output_.empty() && speaks_http2_ && !calls_.write(output_)) is_closing_ = true;
  return !output_.empty();
}

void Connection::flush() {
  if (is_writing_ || !socket_.is_open()) return;
  if (!fill_output()) {
    end_sending();
    return;
  }
  is_writing_ = true;
  write_began_ = Clock::now();
  asio::co_spawn(socket_.get_executor(), write_all(), asio::detached);
}

asio::awaitable<void> Connection::write_all() {
  const std::shared_ptr<Connection> self = shared_from_this();
  error_code error;
  while (!error && fill_output()) {
    co_await asio::async_write(socket_, asio::buffer(output_),
                               asio::redirect_error(asio::use_awaitable, error));
    output_.clear();
    write_began_ = Clock::now();
  }
  if (error) close();
  end_sending();
  is_writing_ = false;
  write_end_.cancel();
}

/// The client closes its side then, or is stale.
void Connection::end_sending() {
  if (!is_closing_ && !calls_.is_done()) return;
  is_closing_ = true;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void Connection::finish(StreamNumber stream, const Result<std::string>& reply) {
  calls_.finish(stream, reply);
  flush();
}

void Connection::refuse_overdue() {
  calls_.refuse_overdue();
  flush();
}

void Connection::go_away() {
  calls_.go_away();
  flush();
}

void Connection::close() {
  is_closing_ = true;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

bool Connection::is_idle(Clock::duration timeout) const {
  return !is_closing_ && calls_.is_idle() && Clock::now() - last_read_ > timeout;
}

bool Connection::is_stuck(Clock::duration timeout) const {
  const Clock::time_point now = Clock::now();
  return (is_writing_ && now - write_began_ > timeout) ||
         (is_closing_ && now - last_read_ > timeout);
}

}  // namespace livedata::server::grpc
