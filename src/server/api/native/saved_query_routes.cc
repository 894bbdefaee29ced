#include "server/api/native/saved_query_routes.h"

#include "base/time_format.h"
#include "server/api/native/saved_query_run.h"
#include "server/api/parameters.h"
#include "server/api/single_tenant.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

using query::saved::RunStatus;
using query::saved::SavedQueries;
using query::saved::SavedQuery;
using StatusOf = std::function<RunStatus(const std::string&)>;

/// The query's own members, and those of `status`.
std::string encode(const SavedQuery& query, const StatusOf& status_of) {
  std::string out = to_json(query);
  if (!query.schedule) return out;
  const RunStatus status = status_of(query.name);
  JsonWriter json;
  json.begin_object();
  if (status.last != 0) json.key("last").string(format_rfc3339(status.last));
  json.key("rows").number(static_cast<std::uint64_t>(status.rows));
  json.key("seconds").number(std::chrono::duration<double>(status.took).count());
  json.key("runs").number(status.runs).key("failures").number(status.failures);
  json.key("skipped").number(status.skipped);
  if (!status.error.empty()) json.key("error").string(status.error);
  out.back() = ',';
  return out + "\"status\":" + json.end_object().take() + "}";
}

Result<SavedQuery> find(const SavedQueries& queries, std::string_view name) {
  auto found = queries.find(name);
  if (found) return *std::move(found);
  return fail(ErrorCode::kNotFound, "there is no saved query '{}'; see /api/v1/queries",
              name.substr(0, query::saved::kMaxNameBytes));
}

Response list(const SavedQueries& queries, const StatusOf& status) {
  std::string out;
  for (const SavedQuery& query : queries.all())
    out += (out.empty() ? "" : ",") + encode(query, status);
  return Response::json("{\"queries\":[" + out + "]}");
}

Response show(const SavedQueries& queries, std::string_view name, const StatusOf& status) {
  const auto query = find(queries, name);
  return query ? Response::json(encode(*query, status)) : Response::from(query.error());
}

Response put(const Request& request, SavedQueries& queries, std::string_view name) {
  auto query = query::saved::parse_saved_query(name, request.body);
  if (!query) return Response::from(query.error());
  const auto is_new = queries.put(*query);
  if (!is_new) return Response::from(is_new.error());
  Response response = Response::json(to_json(*query));
  response.status = *is_new ? 201 : 200;
  return response;
}

Response remove(SavedQueries& queries, std::string_view name) {
  const auto removed = queries.remove(name);
  if (!removed) return Response::from(removed.error());
  Response response;
  response.status = 204;
  return response;
}

Result<std::string> run(const ApiContext& context, const Request& request,
                        const SavedQueries& queries, std::string_view name) {
  LIVEDATA_TRY(const SavedQuery query, find(queries, name));
  LIVEDATA_TRY(const TimeRange range,
               parse_range(request.parameters, context.clock.now(), query.range_ns()));
  return run_saved_query(context, request.scope(), query, range,
                         request.deadline.until(context.limits.query_timeout));
}

}  // namespace

void add_saved_query_routes(const ApiContext& context, SavedQueries& queries,
                            const StatusOf& status, Router& router) {
  router.add("GET", "/api/v1/queries", of_single_tenant([&queries, status](const Request&) {
               return list(queries, status);
             }));
  router.add_wildcard("GET", "/api/v1/queries/*",
                      of_single_tenant([&queries, status](const Request&, std::string_view name) {
                        return show(queries, name, status);
                      }));
  router.add_wildcard("PUT", "/api/v1/queries/*",
                      of_single_tenant([&queries](const Request& request, std::string_view name) {
                        return put(request, queries, name);
                      }));
  router.add_wildcard("DELETE", "/api/v1/queries/*",
                      of_single_tenant([&queries](const Request&, std::string_view name) {
                        return remove(queries, name);
                      }));
  router.add_wildcard(
      "GET|POST", "/api/v1/queries/*/run",
      of_single_tenant([context, &queries](const Request& request, std::string_view name) {
        auto answer = run(context, request, queries, name);
        if (!answer) return Response::from(answer.error());
        Response response;
        response.content_type = "application/x-ndjson";
        response.body = *std::move(answer);
        return response;
      }),
      Lane::kQuery);
}

}  // namespace livedata::server::native
