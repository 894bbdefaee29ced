#pragma once

#include <string_view>

#include "server/http/client.h"

namespace livedata::cli {

/// The request in the name of the token that the environment variable LIVEDATA_TOKEN
/// holds; without it, in nobody's.
server::ClientRequest in_own_name(server::ClientRequest request);

/// Sends it so; errors as http_request()'s.
Result<server::ClientResponse> send_to_server(std::string_view base_url,
                                              server::ClientRequest request);

}  // namespace livedata::cli
