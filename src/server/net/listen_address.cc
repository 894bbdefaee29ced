#include "server/net/listen_address.h"

#include <charconv>

#include <boost/asio/ip/address.hpp>

namespace livedata::server {

namespace asio = boost::asio;
using boost::system::error_code;

Result<std::pair<std::string, std::uint16_t>> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const std::string_view port_text =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (port_text.empty() || error != std::errc() || end != port_text.data() + port_text.size() ||
      colon == 0) {
    return fail(ErrorCode::kInvalidArgument, "'{}' is not an address such as 127.0.0.1:3100", text);
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code bad_address;
  if (host != "localhost") asio::ip::make_address(std::string(host), bad_address);
  if (bad_address)
    return fail(ErrorCode::kInvalidArgument, "'{}' is not an IP address or localhost", host);
  return std::pair(std::string(host == "localhost" ? "127.0.0.1" : host), port);
}

bool is_loopback(std::string_view host) {
  error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

}  // namespace livedata::server
