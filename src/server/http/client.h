#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace livedata::server {

struct ClientResponse {
  int status = 0;
  std::string body;
};

/// One HTTP request to http://HOST[:PORT], on a connection of its own. kUnavailable when nobody
/// answers.
Result<ClientResponse> http_request(std::string_view base_url, std::string_view method,
                                    std::string_view target, std::string_view content_type,
                                    std::string body);

std::string percent_encode(std::string_view text);

}  // namespace livedata::server
