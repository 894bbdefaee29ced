#include "collect/custom/http_url.h"

#include <algorithm>
#include <charconv>

namespace livedata::collect::custom {
namespace {

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0 && number < 65'536;
}

}  // namespace

Result<HttpUrl> parse_http_url(std::string_view text) {
  constexpr std::string_view kSecureScheme = "https://";
  const bool is_secure = text.starts_with(kSecureScheme);
  const std::string_view scheme = is_secure ? kSecureScheme : "http://";
  if (!text.starts_with(scheme))
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is not an address such as http://127.0.0.1:9100/metrics", text);
  std::string_view rest = text.substr(scheme.size());
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  const std::string_view target = rest.substr(end);
  if (authority.find('@') != std::string_view::npos)
    return fail(ErrorCode::kInvalidArgument,
                "an address can't hold a user and a password; use 'headers' with Authorization");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = authority.substr(0, colon);
  const std::string_view usual_port = is_secure ? "443" : "80";
  const std::string_view port =
      colon == std::string_view::npos ? usual_port : authority.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || !is_port(port) || !is_plain(authority) || !is_plain(target))
    return fail(ErrorCode::kInvalidArgument, "'{}' names no host and port, or has blanks in it",
                text);
  HttpUrl url;
  url.is_secure = is_secure;
  url.host = host;
  url.port = port;
  url.authority = authority;
  url.target = target.starts_with('/') ? std::string(target) : fmt::format("/{}", target);
  return url;
}

}  // namespace livedata::collect::custom
