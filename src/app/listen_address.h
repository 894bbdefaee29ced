#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata {

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// "HOST:PORT" of a door. kInvalidArgument: it is none, or other machines would be let in though
/// nobody `says_who_they_are`; then `remedy` tells what else can be done.
Result<ListenAddress> listen_address(const std::string& text, bool says_who_they_are,
                                     std::string_view remedy);

/// HOST:PORT as a URL has it.
std::string authority(const std::string& host, std::uint16_t port);

}  // namespace livedata
