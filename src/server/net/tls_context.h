#pragma once

#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "base/result.h"
#include "server/net/tls_options.h"

namespace livedata::server {

/// TLS 1.2 or newer, for servers. kInvalidArgument says which file is missing or wrong.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsOptions& options);

}  // namespace livedata::server
