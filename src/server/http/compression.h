#pragma once

#include <string_view>

#include "server/http/message.h"

namespace livedata::server {

/// Compresses a response's body with gzip (RFC 1952) where the request's Accept-Encoding allows it
/// and it pays: a text of over a kilobyte. Runs on the thread that made the response.
void compress(const Request& request, Response& response);

}  // namespace livedata::server
