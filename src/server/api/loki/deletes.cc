#include <charconv>

#include "query/logql/deletion.h"
#include "server/api/loki/routes.h"
#include "server/api/parameters.h"
#include "server/json/json_writer.h"

namespace livedata::server::loki {
namespace {

Result<storage::DeleteRequest> parse_request(const Request& request, const ApiContext& context) {
  const std::string_view query = request.parameters.get("query");
  if (query.empty())
    return fail(ErrorCode::kInvalidArgument, "the parameter query is missing: what to delete");
  LIVEDATA_TRY(storage::DeleteRequest out, query::logql::parse_delete_query(query));
  const std::string_view start = request.parameters.get("start");
  if (start.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "the parameter start is missing: from when on to delete");
  }
  LIVEDATA_TRY(out.range.start, parse_time(start));
  out.range.end = context.clock.now();
  if (const std::string_view end = request.parameters.get("end"); !end.empty()) {
    LIVEDATA_TRY(out.range.end, parse_time(end));
  }
  ++out.range.end;  // Loki's delete requests include the end
  if (out.range.empty())
    return fail(ErrorCode::kInvalidArgument, "the parameter end is before start");
  return out;
}

Response create(const Request& request, const ApiContext& context) {
  auto parsed = parse_request(request, context);
  if (!parsed) return Response::from(parsed.error());
  const auto id = context.store.add_delete_request(request.identity.tenant, *std::move(parsed));
  return id ? Response::text(204, "") : Response::from(id.error());
}

double seconds(TimestampNs time) { return static_cast<double>(time) / 1e9; }

Response list(const tenant::Identity& asker, const ApiContext& context) {
  JsonWriter json;
  json.begin_array();
  for (const storage::DeleteRequest& request : context.store.delete_requests(asker.tenant)) {
    json.begin_object();
    json.key("request_id").string(std::to_string(request.id));
    json.key("start_time").number(seconds(request.range.start));
    json.key("end_time").number(seconds(request.range.end - 1));
    json.key("query").string(request.query);
    json.key("status").string(request.is_processed ? "processed" : "received");
    json.key("created_at").number(seconds(request.created));
    json.end_object();
  }
  return Response::json(json.end_array().take());
}

Response cancel(const Request& request, const ApiContext& context) {
  const std::string_view text = request.parameters.get("request_id");
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Response::from({ErrorCode::kInvalidArgument,
                           "the parameter request_id must be the number of a delete request"});
  }
  const auto cancelled = context.store.cancel_delete_request(request.identity.tenant, id);
  return cancelled ? Response::text(204, "") : Response::from(cancelled.error());
}

}  // namespace

void add_delete_routes(const ApiContext& context, Router& router) {
  const std::string path = "/loki/api/v1/delete";
  router.add("POST|PUT", path, [context](const Request& r) { return create(r, context); });
  router.add("GET", path, [context](const Request& r) { return list(r.identity, context); });
  router.add("DELETE", path, [context](const Request& r) { return cancel(r, context); });
}

}  // namespace livedata::server::loki
