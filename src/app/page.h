#pragma once

#include "server/http/message.h"

namespace livedata {

/// Answers with a file of the web page; paths without one get the page itself, which knows its own
/// routes.
server::Response serve_page(const server::Request& request);

}  // namespace livedata
