#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::otlp {

/// OTLP/HTTP: logs at /v1/logs and, as Loki has it, at /otlp/v1/logs. Traces and metrics get an
/// error that their senders do not repeat.
void add_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::otlp
