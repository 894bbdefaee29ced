#include "ingest/content.h"
#include "ingest/loki/push.h"
#include "server/api/loki/routes.h"

namespace livedata::server::loki {
namespace {

Result<ingest::Decoded> decode_push(const Request& request, const ApiContext& context) {
  const ingest::DecodeContext decode{context.limits, context.clock.now(), "loki",
                                     context.pipelines};
  LIVEDATA_TRY(ingest::Encoding encoding,
               ingest::parse_content_encoding(request.header("content-encoding")));
  // Loki takes for protobuf what does not say that it is JSON; clients of ours may leave that out.
  const bool protobuf = !request.header("content-type").starts_with("application/json") &&
                        (!request.body.starts_with('{') ||
                         request.header("content-type").starts_with("application/x-protobuf"));
  // Protobuf is always a snappy block, and clients do not say so.
  if (protobuf && encoding == ingest::Encoding::kIdentity) encoding = ingest::Encoding::kSnappy;
  if (encoding == ingest::Encoding::kIdentity)
    return ingest::loki::decode_json(request.body, decode);
  LIVEDATA_TRY(const std::string body,
               ingest::decompress(request.body, encoding, context.limits.max_expanded_body_bytes));
  return protobuf ? ingest::loki::decode_protobuf(body, decode)
                  : ingest::loki::decode_json(body, decode);
}

std::string describe(const std::vector<ingest::Rejection>& rejected) {
  std::string text;
  for (const ingest::Rejection& rejection : rejected) {
    text += fmt::format("{} records refused ({}): {}\n", rejection.count, rejection.reason,
                        rejection.message);
  }
  return text;
}

Response push(const Request& request, const ApiContext& context) {
  auto decoded = decode_push(request, context);
  if (!decoded) return Response::from(decoded.error());
  context.writer.count_rejected(decoded->rejected);
  if (auto written = context.writer.write(context.tenant, std::move(decoded->batch)); !written)
    return Response::from(written.error());
  // The good records are kept; the sender must hear of the others.
  return decoded->rejected.empty() ? Response::text(204, "")
                                   : Response::text(400, describe(decoded->rejected));
}

}  // namespace

void add_push_routes(const ApiContext& context, Router& router) {
  for (const char* path : {"/loki/api/v1/push", "/api/prom/push"})
    router.add("POST", path, [context](const Request& r) { return push(r, context); });
}

}  // namespace livedata::server::loki
