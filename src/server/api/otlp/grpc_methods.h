#pragma once

#include "server/api/api_context.h"
#include "server/grpc/method.h"

namespace livedata::server::otlp {

/// OTLP/gRPC: LogsService.Export. Traces and metrics get an error that their senders do not repeat.
grpc::Methods grpc_methods(const ApiContext& context);

}  // namespace livedata::server::otlp
