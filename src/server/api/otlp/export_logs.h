#pragma once

#include <string_view>
#include <vector>

#include "server/api/api_context.h"
#include "server/api/otlp/answer.h"
#include "tenant/identity.h"

namespace livedata::server::otlp {

/// Decodes and stores the records of an ExportLogsServiceRequest, for both transports; durable on
/// return. What was refused of it is listed, the rest is kept.
Result<std::vector<ingest::Rejection>> export_logs(std::string_view request, Format format,
                                                   const tenant::Identity& sender,
                                                   const ApiContext& context);

}  // namespace livedata::server::otlp
