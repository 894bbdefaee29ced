#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::hec {

/// Splunk's HTTP Event Collector, below /services/collector: events, raw text, health and
/// acknowledgements.
void add_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::hec
