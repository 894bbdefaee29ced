#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::server {

/// http://HOST[:PORT][/PATH] in its parts.
struct BaseAddress {
  std::string host;
  std::string port;
  std::string path;  ///< in front of every target
};

/// kInvalidArgument for anything else.
Result<BaseAddress> parse_base_address(std::string_view url);

}  // namespace livedata::server
