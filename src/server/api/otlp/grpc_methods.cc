#include "server/api/otlp/grpc_methods.h"

#include "server/api/otlp/answer.h"
#include "server/api/otlp/export_logs.h"

namespace livedata::server::otlp {
namespace {

/// Who calls, and whether they may write.
Result<tenant::Identity> writer_of(const grpc::Caller& caller, const ApiContext& context) {
  if (context.authenticator == nullptr) return tenant::Identity::anyone();
  LIVEDATA_TRY(tenant::Identity sender,
               context.authenticator->authenticate(
                   {.authorization = caller.authorization, .tenant = caller.tenant}));
  LIVEDATA_RETURN_IF_ERROR(sender.check(tenant::Permission::kWrite));
  return sender;
}

Result<std::string> only_logs(const grpc::Caller& /*caller*/, std::string_view /*message*/,
                              const Deadline& /*deadline*/) {
  return fail(ErrorCode::kUnsupported, "{}", kOnlyLogs);
}

}  // namespace

grpc::Methods grpc_methods(const ApiContext& context) {
  const std::string package = "/opentelemetry.proto.collector.";
  grpc::Methods methods;
  methods[package + "logs.v1.LogsService/Export"] =
      [context](const grpc::Caller& caller, std::string_view message,
                const Deadline& /*deadline*/) -> Result<std::string> {
    LIVEDATA_TRY(const tenant::Identity sender, writer_of(caller, context));
    LIVEDATA_TRY(const std::vector<ingest::Rejection> rejected,
                 export_logs(message, Format::kProtobuf, sender, context));
    return encode_response(rejected, Format::kProtobuf);
  };
  methods[package + "trace.v1.TraceService/Export"] = only_logs;
  methods[package + "metrics.v1.MetricsService/Export"] = only_logs;
  return methods;
}

}  // namespace livedata::server::otlp
