#include "server/http/client.h"

#include <limits>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

namespace livedata::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

struct Address {
  std::string host;
  std::string port;
};

Result<Address> parse_base_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme))
    return fail(ErrorCode::kInvalidArgument, "'{}' is not an address such as http://127.0.0.1:3100",
                url);
  std::string_view rest = url.substr(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
  Address address{std::string(has_port ? rest.substr(0, colon) : rest),
                  std::string(has_port ? rest.substr(colon + 1) : "3100")};
  if (address.host.empty() || address.port.empty())
    return fail(ErrorCode::kInvalidArgument, "'{}' names no host", url);
  return address;
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

Result<ClientResponse> http_request(std::string_view base_url, std::string_view method,
                                    std::string_view target, std::string_view content_type,
                                    std::string body) {
  LIVEDATA_TRY(const Address address, parse_base_url(base_url));
  asio::io_context io;
  beast::tcp_stream stream(io);
  boost::system::error_code error;
  const auto endpoints = asio::ip::tcp::resolver(io).resolve(address.host, address.port, error);
  if (!error) stream.connect(endpoints, error);
  if (error)
    return fail(ErrorCode::kUnavailable, "no livedata answers at {} ({}); is it running?", base_url,
                error.message());
  http::request<http::string_body> request(http::string_to_verb(std::string(method)),
                                           std::string(target), 11, std::move(body));
  request.set(http::field::host, address.host);
  if (!content_type.empty()) request.set(http::field::content_type, std::string(content_type));
  request.prepare_payload();
  http::write(stream, request, error);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  if (!error) http::read(stream, buffer, parser, error);
  if (error)
    return fail(ErrorCode::kUnavailable, "the connection to {} broke: {}", base_url,
                error.message());
  return ClientResponse{static_cast<int>(parser.get().result_int()),
                        std::move(parser.get().body())};
}

}  // namespace livedata::server
