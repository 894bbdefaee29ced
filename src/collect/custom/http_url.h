#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::collect::custom {

/// An address such as http://127.0.0.1:9100/metrics, taken apart.
struct HttpUrl {
  bool is_secure = false;  ///< https
  std::string host;        ///< without brackets
  std::string port;        ///< decimal
  std::string authority;   ///< host and port as they stand in the address
  std::string target;      ///< path and query, at least "/"
};

/// kInvalidArgument for what is no address of http or https, and for one with a user's name.
Result<HttpUrl> parse_http_url(std::string_view text);

}  // namespace livedata::collect::custom
