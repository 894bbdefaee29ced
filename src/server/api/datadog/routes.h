#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::datadog {

/// The paths to which Datadog's agent and libraries send logs, at the root and below /datadog and
/// /insert/datadog. Keys are taken whatever they are.
void add_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::datadog
