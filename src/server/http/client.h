#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace livedata::server {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";  ///< path and query string, encoded; behind the base address's path
  std::string content_type = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  /// How long the server may take for each step: to connect, to take the request, to answer.
  std::chrono::seconds timeout = std::chrono::minutes(5);
};

struct ClientResponse {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after = {};  ///< what the server asks to wait
};

/// One HTTP request to http://HOST[:PORT][/PATH], on a connection of its own. kUnavailable when
/// nobody answers, or the connection breaks: then nobody can tell whether the request was obeyed.
Result<ClientResponse> http_request(std::string_view base_url, const ClientRequest& request);
Result<ClientResponse> http_request(std::string_view base_url, std::string_view method,
                                    std::string_view target, std::string_view content_type,
                                    std::string body);

std::string percent_encode(std::string_view text);

}  // namespace livedata::server
