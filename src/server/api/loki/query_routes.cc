#include "server/api/loki/answer.h"
#include "server/api/loki/respond.h"
#include "server/api/loki/routes.h"
#include "server/api/parameters.h"

namespace livedata::server::loki {
namespace {

Response answer(Result<query::QueryAnswer> result, const Request& request) {
  if (result) result->stats.queue_seconds = std::chrono::duration<double>(request.queued).count();
  return respond(
      result, [&](const query::QueryAnswer& a) { return encode_answer(a, label_form(request)); });
}

Response query_range(const Request& request, const ApiContext& context) {
  const auto run = [&]() -> Result<query::QueryAnswer> {
    LIVEDATA_TRY(const auto query,
                 parse_range_query(request.parameters, context.clock.now(), context.limits));
    return context.engine.range(request.scope(), query,
                                request.deadline.until(context.limits.query_timeout));
  };
  return answer(run(), request);
}

Response query_instant(const Request& request, const ApiContext& context) {
  const auto run = [&]() -> Result<query::QueryAnswer> {
    LIVEDATA_TRY(const auto query,
                 parse_instant_query(request.parameters, context.clock.now(), context.limits));
    return context.engine.instant(request.scope(), query,
                                  request.deadline.until(context.limits.query_timeout));
  };
  return answer(run(), request);
}

Response format_query(const Request& request) {
  const auto text = query::logql::formatted(request.parameters.get("query"));
  return respond(text, [](const std::string& formatted) {
    JsonWriter json;
    json.begin_object().key("status").string("success").key("data").string(formatted);
    return json.end_object().take();
  });
}

}  // namespace

void add_query_routes(const ApiContext& context, Router& router) {
  const std::string base = "/loki/api/v1/";
  router.add(
      "GET|POST", base + "query_range",
      [context](const Request& r) { return query_range(r, context); }, Lane::kQuery);
  router.add(
      "GET|POST", base + "query", [context](const Request& r) { return query_instant(r, context); },
      Lane::kQuery);
  router.add("GET|POST", base + "format_query", format_query);
}

}  // namespace livedata::server::loki
