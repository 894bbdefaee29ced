#include "server/http/client.h"

#include <charconv>
#include <limits>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include "server/http/base_address.h"

namespace livedata::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using boost::system::error_code;

http::request<http::string_body> to_message(const BaseAddress& address,
                                            const ClientRequest& request) {
  http::request<http::string_body> message(http::string_to_verb(request.method),
                                           address.path + request.target, 11, request.body);
  message.set(http::field::host, address.host);
  if (!request.content_type.empty()) message.set(http::field::content_type, request.content_type);
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.prepare_payload();
  return message;
}

using ResponseParser = http::response_parser<http::string_body>;

struct Exchange {
  error_code error;
  bool connected = false;
};

asio::awaitable<Exchange> exchange(const BaseAddress& address, const ClientRequest& request,
                                   ResponseParser& parser) {
  const auto executor = co_await asio::this_coro::executor;
  beast::tcp_stream stream(executor);
  asio::ip::tcp::resolver resolver(executor);
  Exchange out;
  const auto token = [&out] { return asio::redirect_error(asio::use_awaitable, out.error); };
  const auto endpoints = co_await resolver.async_resolve(address.host, address.port, token());
  if (out.error) co_return out;
  stream.expires_after(request.timeout);
  co_await stream.async_connect(endpoints, token());
  if (out.error) co_return out;
  out.connected = true;
  const auto message = to_message(address, request);
  stream.expires_after(request.timeout);
  co_await http::async_write(stream, message, token());
  // A server that refuses a body may answer, and close, before it has read all of it.
  stream.expires_after(request.timeout);
  beast::flat_buffer buffer;
  co_await http::async_read(stream, buffer, parser, token());
  co_return out;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<ClientResponse> http_request(std::string_view base_url, const ClientRequest& request) {
  LIVEDATA_TRY(const BaseAddress address, parse_base_address(base_url));
  asio::io_context io;
  ResponseParser parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  Exchange done;
  asio::co_spawn(io, exchange(address, request, parser),
                 [&done](const std::exception_ptr&, Exchange result) { done = result; });
  io.run();
  if (done.error) {
    return done.connected
               ? fail(ErrorCode::kUnavailable, "the connection to {} broke: {}", base_url,
                      done.error.message())
               : fail(ErrorCode::kUnavailable, "nobody answers at {} ({}); is it running?",
                      base_url, done.error.message());
  }
  const auto retry_after = parser.get()[http::field::retry_after];
  return ClientResponse{static_cast<int>(parser.get().result_int()), std::move(parser.get().body()),
                        parse_retry_after({retry_after.data(), retry_after.size()})};
}

Result<ClientResponse> http_request(std::string_view base_url, std::string_view method,
                                    std::string_view target, std::string_view content_type,
                                    std::string body) {
  return http_request(base_url, {.method = std::string(method),
                                 .target = std::string(target),
                                 .content_type = std::string(content_type),
                                 .body = std::move(body)});
}

}  // namespace livedata::server
