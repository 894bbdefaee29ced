#include "server/net/tcp_acceptor.h"

#include <chrono>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace livedata::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr auto kPauseOnError = std::chrono::milliseconds(100);

}  // namespace

Result<void> TcpAcceptor::listen(const std::string& host, std::uint16_t port) {
  error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(host, error), port);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use)
    return fail(ErrorCode::kAlreadyExists, "port {} of {} is in use by another program", port,
                host);
  if (error)
    return fail(ErrorCode::kUnavailable, "can't listen on {}:{}: {}", host, port, error.message());
  port_ = acceptor_.local_endpoint().port();
  return {};
}

void TcpAcceptor::start(Take take) {
  take_ = std::move(take);
  asio::co_spawn(io_, accept(), asio::detached);
}

void TcpAcceptor::take_waiting() {
  error_code error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    tcp::socket socket(io_);
    acceptor_.accept(socket, error);
    if (!error) take_(std::move(socket));
  }
}

void TcpAcceptor::close() {
  error_code ignored;
  acceptor_.close(ignored);
}

asio::awaitable<void> TcpAcceptor::accept() {
  while (acceptor_.is_open()) {
    error_code error;
    tcp::socket socket =
        co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {  // out of descriptors, most likely: wait for some to come back
      asio::steady_timer pause(io_, kPauseOnError);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    take_(std::move(socket));
  }
}

}  // namespace livedata::server
