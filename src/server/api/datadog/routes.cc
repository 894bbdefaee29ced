#include "server/api/datadog/routes.h"

#include "ingest/datadog/logs.h"
#include "server/api/push.h"
#include "server/json/json_writer.h"

namespace livedata::server::datadog {
namespace {

Response answer_json(int status, std::string json) {
  Response response = Response::json(std::move(json));
  response.status = status;
  return response;
}

std::string_view title(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 413:
      return "Payload Too Large";
    case 429:
      return "Too Many Requests";
    default:
      return "Internal Server Error";
  }
}

Response answer_error(int status, std::string_view detail) {
  JsonWriter json;
  json.begin_object().key("errors").begin_array().begin_object();
  json.key("status").string(std::to_string(status)).key("title").string(title(status));
  json.key("detail").string(detail).end_object().end_array().end_object();
  return answer_json(status, json.take());
}

/// What may be tried again later is 429, as agents expect it.
Response answer_error(const Error& error) {
  const bool later =
      error.code == ErrorCode::kResourceExhausted || error.code == ErrorCode::kUnavailable;
  Response response = answer_error(later ? 429 : http_status(error.code), error.message);
  if (later) response.headers.emplace_back("Retry-After", "1");
  return response;
}

/// By the content type if it says text, else by the first character: many senders give no type.
bool is_json(std::string_view content_type, std::string_view body) {
  if (content_type.starts_with("text/")) return false;
  if (content_type.starts_with("application/json")) return true;
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (body[first] == '{' || body[first] == '[');
}

Response push(const Request& request, const ApiContext& context) {
  std::string buffer;
  const auto body = plain_body(request, context, buffer);
  if (!body) return answer_error(body.error());
  const Parameters& query = request.query;
  const ingest::datadog::Metadata defaults{.source = query.get("ddsource"),
                                           .tags = query.get("ddtags"),
                                           .host = query.get("hostname"),
                                           .service = query.get("service")};
  const ingest::DecodeContext decode = decode_context(context, request.identity, "datadog");
  Result<ingest::Decoded> decoded = is_json(request.header("content-type"), *body)
                                        ? ingest::datadog::decode_json(*body, defaults, decode)
                                        : ingest::datadog::decode_text(*body, defaults, decode);
  if (!decoded) return answer_error(decoded.error());
  const std::string refused = describe(decoded->rejected);
  if (const auto stored = store(context, request.identity, *std::move(decoded)); !stored)
    return answer_error(stored.error());
  // The good logs are kept; the sender must hear of the others.
  return refused.empty() ? answer_json(202, "{}") : answer_error(400, refused);
}

}  // namespace

void add_routes(const ApiContext& context, Router& router) {
  const auto handle = [context](const Request& request, const PathParts&) {
    return push(request, context);
  };
  for (const std::string prefix : {"/insert/datadog", "/datadog", ""}) {
    for (const char* pattern : {"/api/v2/logs", "/v1/input", "/v1/input/*"})
      router.add_pattern("POST", prefix + pattern, handle);
    router.add("GET|POST", prefix + "/api/v1/validate",
               [](const Request&) { return answer_json(200, R"({"valid":true})"); });
  }
}

}  // namespace livedata::server::datadog
