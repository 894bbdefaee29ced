#include "cli/client/server_request.h"

#include <cstdlib>
#include <string>

namespace livedata::cli {

server::ClientRequest in_own_name(server::ClientRequest request) {
  // Not a flag: others see those in the list of processes.
  const char* token = std::getenv("LIVEDATA_TOKEN");  // NOLINT(concurrency-mt-unsafe)
  if (token != nullptr && *token != '\0')
    request.headers.emplace_back("Authorization", std::string("Bearer ") + token);
  return request;
}

Result<server::ClientResponse> send_to_server(std::string_view base_url,
                                              server::ClientRequest request) {
  return server::http_request(base_url, in_own_name(std::move(request)));
}

}  // namespace livedata::cli
