#include "server/api/native/routes.h"

#include "ingest/native/push.h"
#include "server/api/loki/answer.h"
#include "server/api/parameters.h"
#include "server/api/push.h"

namespace livedata::server::native {
namespace {

/// Stream labels of the query string: ?service=NAME and ?label.NAME=VALUE.
Labels request_labels(const Parameters& parameters) {
  constexpr std::string_view kPrefix = "label.";
  Labels labels;
  for (const auto& [name, value] : parameters.pairs()) {
    if (name == "service") labels.set("service_name", value);
    if (name.starts_with(kPrefix)) labels.set(std::string_view(name).substr(kPrefix.size()), value);
  }
  return labels;
}

Result<ingest::Decoded> decode_push(const Request& request, const ApiContext& context) {
  std::string buffer;
  LIVEDATA_TRY(const std::string_view body, plain_body(request, context, buffer));
  LIVEDATA_TRY(const ingest::native::Format format,
               ingest::native::detect_format(request.header("content-type"), body));
  return ingest::native::decode(body, format, request_labels(request.query),
                                decode_context(context, request.identity, "native"));
}

std::string encode_accepted(std::size_t entries, std::size_t dropped,
                            const std::vector<ingest::Rejection>& rejected,
                            std::string_view status) {
  JsonWriter json;
  json.begin_object().key("status").string(status).key("entries").number(
      static_cast<std::uint64_t>(entries));
  if (dropped > 0) json.key("dropped").number(static_cast<std::uint64_t>(dropped));
  if (!rejected.empty()) {
    json.key("rejected").begin_array();
    for (const ingest::Rejection& rejection : rejected) {
      json.begin_object()
          .key("reason")
          .string(rejection.reason)
          .key("message")
          .string(rejection.message);
      json.key("count").number(static_cast<std::uint64_t>(rejection.count)).end_object();
    }
    json.end_array();
  }
  return json.end_object().take();
}

Response push(const Request& request, const ApiContext& context) {
  auto decoded = decode_push(request, context);
  if (!decoded) return Response::from(decoded.error());
  const bool partial =
      request.query.get("partial") == "1" || request.query.get("partial") == "true";
  const std::vector<ingest::Rejection> rejected = decoded->rejected;
  if (!rejected.empty() && !partial) {
    context.writer.count(*decoded);
    Response response = Response::json(encode_accepted(0, 0, rejected, "rejected"));
    response.status = 400;
    return response;
  }
  const std::size_t entries = decoded->batch.num_rows();
  const std::size_t dropped = decoded->num_dropped;
  if (auto stored = store(context, request.identity, *std::move(decoded)); !stored)
    return Response::from(stored.error());
  return Response::json(encode_accepted(entries, dropped, rejected, "accepted"));
}

Response tail(const Request& request, LiveTail& live_tail) {
  const auto follower =
      live_tail.follow(request.scope(), request.parameters.get("query"),
                       std::chrono::nanoseconds(0), loki::LabelForm::kCategorized);
  if (!follower) return Response::from(follower.error());
  Response response;
  response.events = live_tail.start(*follower, {});
  return response;
}

Response status(const ApiContext& context) {
  const storage::StoreStatus store = context.store.status();
  JsonWriter json;
  json.begin_object().key("version").string(context.version).key("storage").begin_object();
  json.key("segments")
      .number(static_cast<std::uint64_t>(store.segments))
      .key("segmentBytes")
      .number(store.segment_bytes);
  json.key("segmentRecords").number(store.segment_rows).key("headRecords").number(store.head_rows);
  json.key("headBytes")
      .number(static_cast<std::uint64_t>(store.head_bytes))
      .end_object()
      .end_object();
  return Response::json(json.take());
}

Response exposition(std::string text) {
  Response response = Response::text(200, std::move(text));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace

void add_routes(const ApiContext& context, const MetricRegistry& metrics,
                const std::atomic<bool>& ready, Router& router) {
  for (const char* path : {"/api/v1/push", "/api/v1/logs", "/ingest"}) {
    router.add("POST", path, [context](const Request& r) { return push(r, context); });
  }
  const auto query = [context](const Request& request) {
    const auto range_query =
        parse_range_query(request.parameters, context.clock.now(), context.limits);
    if (!range_query) return Response::from(range_query.error());
    const auto answer = context.engine.range(request.scope(), *range_query,
                                             request.deadline.until(context.limits.query_timeout));
    if (!answer) return Response::from(answer.error());
    return Response::json(loki::encode_answer(*answer, loki::LabelForm::kFolded));
  };
  router.add("GET|POST", "/api/v1/query", query, Lane::kQuery);
  router.add("GET", "/api/v1/tail",
             [context](const Request& r) { return tail(r, context.live_tail); });
  router.add("GET", "/api/v1/status", [context](const Request&) { return status(context); });
  router.add("GET", "/ready", [&ready](const Request&) {
    return ready ? Response::text(200, "ready\n") : Response::text(503, "not ready\n");
  });
  for (const char* path : {"/healthz", "/health"}) {
    router.add("GET", path,
               [](const Request&) { return Response::json(R"({"status":"healthy"})"); });
  }
  router.add("GET", "/metrics",
             [&metrics](const Request&) { return exposition(metrics.render()); });
}

void add_host_metrics(std::function<std::optional<std::string>()> render, Router& router) {
  router.add("GET", "/metrics/host", [render = std::move(render)](const Request&) {
    auto text = render();
    if (!text) return Response::text(404, "host metrics are not collected here\n");
    return exposition(*std::move(text));
  });
}

}  // namespace livedata::server::native
