#include "server/http/base_address.h"

#include <algorithm>

namespace livedata::server {

Result<BaseAddress> parse_base_address(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme))
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is not an address such as http://127.0.0.1:3100 (https is not supported)",
                url);
  const std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view host = rest.substr(0, slash);
  std::string_view path = rest.substr(slash);
  if (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  BaseAddress address{std::string(has_port ? host.substr(0, colon) : host),
                      std::string(has_port ? host.substr(colon + 1) : "3100"), std::string(path)};
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty() || address.port.empty())
    return fail(ErrorCode::kInvalidArgument, "'{}' names no host", url);
  return address;
}

}  // namespace livedata::server
