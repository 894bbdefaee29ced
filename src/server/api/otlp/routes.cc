#include "server/api/otlp/routes.h"

#include <algorithm>
#include <optional>

#include "ingest/content.h"
#include "server/api/otlp/answer.h"
#include "server/api/otlp/export_logs.h"
#include "server/grpc/status.h"

namespace livedata::server::otlp {
namespace {

constexpr std::string_view kProtobufType = "application/x-protobuf";
constexpr std::string_view kJsonType = "application/json";

std::optional<Format> format_of(const Request& request) {
  const std::string_view header = request.header("content-type");
  std::string type(header.substr(0, header.find(';')));
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  while (type.ends_with(' ')) type.pop_back();
  if (type == kProtobufType) return Format::kProtobuf;
  if (type == kJsonType) return Format::kJson;
  return std::nullopt;
}

Response answer(int status, std::string body, Format format) {
  Response response;
  response.status = status;
  response.content_type = format == Format::kJson ? kJsonType : kProtobufType;
  response.body = std::move(body);
  return response;
}

Response answer(const Error& error, Format format) {
  Response response = answer(http_status(error.code), encode_status(error, format), format);
  if (const auto delay = grpc::retry_delay(error.code))
    response.headers.emplace_back("Retry-After", std::to_string(delay->count()));
  return response;
}

Result<std::vector<ingest::Rejection>> take_logs(const Request& request, Format format,
                                                 const ApiContext& context) {
  LIVEDATA_TRY(const ingest::Encoding encoding,
               ingest::parse_content_encoding(request.header("content-encoding")));
  if (encoding == ingest::Encoding::kIdentity)
    return export_logs(request.body, format, request.identity, context);
  LIVEDATA_TRY(const std::string body,
               ingest::decompress(request.body, encoding, context.limits.max_expanded_body_bytes,
                                  context.limits.max_expansion_ratio));
  return export_logs(body, format, request.identity, context);
}

Response logs(const Request& request, const ApiContext& context) {
  const std::optional<Format> format = format_of(request);
  if (!format) {
    return Response::text(415,
                          "the Content-Type must be application/x-protobuf or application/json\n");
  }
  const auto rejected = take_logs(request, *format, context);
  return rejected ? answer(200, encode_response(*rejected, *format), *format)
                  : answer(rejected.error(), *format);
}

Response only_logs(const Request& request) {
  return answer(
      {ErrorCode::kNotFound,
       "livedata takes logs over OTLP, no traces and metrics; switch their exporters off"},
      format_of(request).value_or(Format::kJson));
}

}  // namespace

void add_routes(const ApiContext& context, Router& router) {
  for (const char* base : {"/otlp/v1/", "/v1/"}) {
    router.add("POST", fmt::format("{}logs", base),
               [context](const Request& request) { return logs(request, context); });
    for (const char* other : {"traces", "metrics"})
      router.add("POST", fmt::format("{}{}", base, other), only_logs);
  }
}

}  // namespace livedata::server::otlp
