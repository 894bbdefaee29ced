#include "ingest/content.h"
#include "ingest/loki/push.h"
#include "server/api/loki/routes.h"
#include "server/api/push.h"

namespace livedata::server::loki {
namespace {

Result<ingest::Decoded> decode_push(const Request& request, const ApiContext& context) {
  const ingest::DecodeContext decode = decode_context(context, request.identity, "loki");
  // Loki takes for protobuf what does not say that it is JSON; clients of ours may leave that out.
  const bool protobuf = !request.header("content-type").starts_with("application/json") &&
                        (!request.body.starts_with('{') ||
                         request.header("content-type").starts_with("application/x-protobuf"));
  // Protobuf is always a snappy block, and clients do not say so.
  const std::string_view encoding = request.header("content-encoding");
  if (protobuf && (encoding.empty() || encoding == "identity")) {
    LIVEDATA_TRY(const std::string body, ingest::decompress(request.body, ingest::Encoding::kSnappy,
                                                            context.limits.max_expanded_body_bytes,
                                                            context.limits.max_expansion_ratio));
    return ingest::loki::decode_protobuf(body, decode);
  }
  std::string buffer;
  LIVEDATA_TRY(const std::string_view body, plain_body(request, context, buffer));
  return protobuf ? ingest::loki::decode_protobuf(body, decode)
                  : ingest::loki::decode_json(body, decode);
}

Response push(const Request& request, const ApiContext& context) {
  auto decoded = decode_push(request, context);
  if (!decoded) return Response::from(decoded.error());
  const std::string refused = describe(decoded->rejected);
  if (auto stored = store(context, request.identity, *std::move(decoded)); !stored)
    return Response::from(stored.error());
  // The good records are kept; the sender must hear of the others.
  return refused.empty() ? Response::text(204, "") : Response::text(400, refused);
}

}  // namespace

void add_push_routes(const ApiContext& context, Router& router) {
  for (const char* path : {"/loki/api/v1/push", "/api/prom/push"})
    router.add("POST", path, [context](const Request& r) { return push(r, context); });
}

}  // namespace livedata::server::loki
