#include "server/api/otlp/grpc_methods.h"

#include "server/api/otlp/answer.h"
#include "server/api/otlp/export_logs.h"

namespace livedata::server::otlp {
namespace {

Result<std::string> only_logs(std::string_view /*message*/, const Deadline& /*deadline*/) {
  return fail(ErrorCode::kUnsupported, "{}", kOnlyLogs);
}

}  // namespace

grpc::Methods grpc_methods(const ApiContext& context) {
  const std::string package = "/opentelemetry.proto.collector.";
  grpc::Methods methods;
  methods[package + "logs.v1.LogsService/Export"] =
      [context](std::string_view message, const Deadline& /*deadline*/) -> Result<std::string> {
    LIVEDATA_TRY(const std::vector<ingest::Rejection> rejected,
                 export_logs(message, Format::kProtobuf, context));
    return encode_response(rejected, Format::kProtobuf);
  };
  methods[package + "trace.v1.TraceService/Export"] = only_logs;
  methods[package + "metrics.v1.MetricsService/Export"] = only_logs;
  return methods;
}

}  // namespace livedata::server::otlp
