#pragma once

#include <string>
#include <string_view>

#include "query/around/context.h"
#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// Answers a request for one of the paths below, such as "/api/v1/around?host=web1", for who reads
/// a data folder without a server.
Result<std::string> answer_about_hosts(const query::around::Context& context,
                                       std::string_view request, TimestampNs now,
                                       const Limits& limits);

/// What was on a host at an instant, what moved in a range, and which hosts there are:
/// /api/v1/around, /api/v1/spikes and /api/v1/hosts.
void add_around_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::native
