#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace livedata::server {

/// A TCP connection as StreamServer reads it: wait until there is something, then take what is
/// there without waiting. So a connection that is idle has no buffer.
class PlainTransport {
 public:
  using Error = boost::system::error_code;
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  explicit PlainTransport(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  /// There is none.
  [[nodiscard]] static std::string certificate() { return {}; }
  Awaitable<Error> open() { co_return Error(); }
  Awaitable<Error> wait() {
    Error error;
    co_await socket_.async_wait(boost::asio::ip::tcp::socket::wait_read,
                                boost::asio::redirect_error(boost::asio::use_awaitable, error));
    co_return error;
  }
  /// At least what read() can give at once.
  std::size_t num_ready() {
    Error ignored;
    return std::max<std::size_t>(socket_.available(ignored), 1);
  }
  /// Never waits: would_block when there is nothing.
  std::size_t read(std::span<char> into, Error& error) {
    return socket_.read_some(boost::asio::buffer(into.data(), into.size()), error);
  }
  Awaitable<Error> write(std::string_view bytes) {
    Error error;
    co_await boost::asio::async_write(
        socket_, boost::asio::buffer(bytes),
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
    co_return error;
  }
  /// Says that nothing more will be sent.
  Awaitable<void> shut_down() {
    Error ignored;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    co_return;
  }

 private:
  boost::asio::ip::tcp::socket socket_;
};

/// The same over TLS. What the socket holds can't be waited for without decrypting some of it.
class TlsTransport {
 public:
  using Error = boost::system::error_code;
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  TlsTransport(boost::asio::ip::tcp::socket socket,
               std::shared_ptr<boost::asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  boost::asio::ip::tcp::socket& socket() { return stream_.next_layer(); }
  /// The common name of the peer's certificate, which the handshake has verified; "" without one.
  [[nodiscard]] std::string certificate() const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): asks only
    SSL* ssl = const_cast<boost::asio::ssl::stream<boost::asio::ip::tcp::socket>&>(stream_)
                   .native_handle();
    const std::unique_ptr<X509, decltype(&::X509_free)> peer(::SSL_get1_peer_certificate(ssl),
                                                             &::X509_free);
    if (peer == nullptr || ::SSL_get_verify_result(ssl) != X509_V_OK) return {};
    std::array<char, 256> name{};
    const int size = ::X509_NAME_get_text_by_NID(::X509_get_subject_name(peer.get()),
                                                 NID_commonName, name.data(), name.size());
    return size <= 0 ? std::string() : std::string(name.data(), static_cast<std::size_t>(size));
  }
  Awaitable<Error> open() {
    Error error;
    co_await stream_.async_handshake(
        boost::asio::ssl::stream_base::server,
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
    co_return error;
  }
  Awaitable<Error> wait() {
    Error error;
    num_first_ = co_await stream_.async_read_some(
        boost::asio::buffer(first_),
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
    co_return error;
  }
  std::size_t num_ready() {
    Error ignored;
    return num_first_ + kBuffered + stream_.next_layer().available(ignored);
  }
  std::size_t read(std::span<char> into, Error& error) {
    if (num_first_ == 0)
      return stream_.read_some(boost::asio::buffer(into.data(), into.size()), error);
    const std::size_t size = std::min(num_first_, into.size());
    std::memcpy(into.data(), first_.data(), size);
    num_first_ -= size;
    std::memmove(first_.data(), first_.data() + size, num_first_);
    error = {};
    return size;
  }
  Awaitable<Error> write(std::string_view bytes) {
    Error error;
    co_await boost::asio::async_write(
        stream_, boost::asio::buffer(bytes),
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
    co_return error;
  }
  Awaitable<void> shut_down() {
    Error ignored;
    co_await stream_.async_shutdown(
        boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }

 private:
  // Asio holds up to one record with its frame, OpenSSL one that is decrypted.
  static constexpr std::size_t kBuffered = 2 * 17 * 1024;

  std::shared_ptr<boost::asio::ssl::context> context_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  std::array<char, 4096> first_{};
  std::size_t num_first_ = 0;
};

}  // namespace livedata::server
