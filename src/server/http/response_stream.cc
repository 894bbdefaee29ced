#include "server/http/response_stream.h"

#include <limits>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "base/bytes.h"
#include "server/http/base_address.h"

namespace livedata::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using boost::system::error_code;

constexpr std::size_t kPieceBytes = 256_KiB;

}  // namespace

class ResponseStream::Impl {
 public:
  Impl(BaseAddress address, std::string_view url) : address_(std::move(address)), url_(url) {
    parser_.body_limit(std::numeric_limits<std::uint64_t>::max());
  }

  Result<void> open(const ClientRequest& request) {
    timeout_ = request.timeout;
    error_code error;
    asio::ip::tcp::resolver resolver(io_);
    const auto endpoints = resolver.resolve(address_.host, address_.port, error);
    if (!error) {
      error = run([&](auto done) {
        stream_.async_connect(endpoints, [done](error_code e, const auto&) { done(e); });
      });
    }
    if (error) {
      return fail(ErrorCode::kUnavailable, "nobody answers at {} ({}); is it running?", url_,
                  error.message());
    }
    http::request<http::string_body> message(http::string_to_verb(request.method),
                                             address_.path + request.target, 11, request.body);
    message.set(http::field::host, address_.host);
    if (!request.content_type.empty()) message.set(http::field::content_type, request.content_type);
    for (const auto& [name, value] : request.headers) message.set(name, value);
    message.prepare_payload();
    error = run([&](auto done) {
      http::async_write(stream_, message, [done](error_code e, std::size_t) { done(e); });
    });
    if (!error) {
      error = run([&](auto done) {
        http::async_read_header(stream_, buffer_, parser_,
                                [done](error_code e, std::size_t) { done(e); });
      });
    }
    return error ? broken(error) : Result<void>();
  }

  [[nodiscard]] int status() const { return static_cast<int>(parser_.get().result_int()); }

  Result<std::string> next() {
    std::string piece;
    while (!parser_.is_done() && piece.empty()) {
      piece.resize(kPieceBytes);
      parser_.get().body().data = piece.data();
      parser_.get().body().size = piece.size();
      error_code error = run([&](auto done) {
        http::async_read_some(stream_, buffer_, parser_,
                              [done](error_code e, std::size_t) { done(e); });
      });
      // The piece is full.
      if (error == http::error::need_buffer) error = {};
      piece.resize(piece.size() - parser_.get().body().size);
      if (error) return fail(broken(error).error());
    }
    return piece;
  }

 private:
  /// Runs one operation to its end, or until the time is over.
  template <class Start>
  error_code run(const Start& start) {
    error_code error;
    stream_.expires_after(timeout_);
    io_.restart();
    start([&error](error_code e) { error = e; });
    io_.run();
    return error;
  }

  Result<void> broken(const error_code& error) const {
    return fail(ErrorCode::kUnavailable, "the connection to {} broke: {}", url_, error.message());
  }

  const BaseAddress address_;
  const std::string url_;
  std::chrono::seconds timeout_{0};
  asio::io_context io_;
  beast::tcp_stream stream_{io_};
  beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> parser_;
};

ResponseStream::ResponseStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResponseStream::~ResponseStream() = default;

Result<std::unique_ptr<ResponseStream>> ResponseStream::open(std::string_view base_url,
                                                             const ClientRequest& request) {
  LIVEDATA_TRY(BaseAddress address, parse_base_address(base_url));
  auto impl = std::make_unique<Impl>(std::move(address), base_url);
  LIVEDATA_RETURN_IF_ERROR(impl->open(request));
  return std::unique_ptr<ResponseStream>(
      new ResponseStream(std::move(impl)));  // NOLINT: the constructor is private
}

int ResponseStream::status() const { return impl_->status(); }
Result<std::string> ResponseStream::next() { return impl_->next(); }

}  // namespace livedata::server
