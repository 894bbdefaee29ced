#include "server/api/native/search_routes.h"

#include "server/api/native/query_response.h"
#include "server/api/native/search_request.h"
#include "server/api/single_tenant.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

using query::lookups::Lookups;

Response run(const Request& request, const ApiContext& context) {
  auto search = parse_search_request(request, context.clock.now());
  if (!search) return query_error_response({search.error()});
  const bool has_lookups = request.identity.tenant == TenantId::single();
  search->load_lookup = loader_of(has_lookups ? context.lookups : nullptr);
  auto answer =
      query::sql::search::run_search(*context.sql, request.scope(), *search, request.deadline);
  if (!answer) return query_error_response(answer.error());
  return query_response(search->format, *std::move(answer));
}

Response list(const Lookups& lookups) {
  const auto names = lookups.names();
  if (!names) return Response::from(names.error());
  JsonWriter json;
  json.begin_object().key("lookups").begin_array();
  for (const std::string& name : *names) json.string(name);
  return Response::json(json.end_array().end_object().take());
}

Response show(const Lookups& lookups, std::string_view name) {
  auto text = lookups.text(name);
  if (!text) return Response::from(text.error());
  Response response = Response::text(200, *std::move(text));
  response.content_type = "text/csv; charset=utf-8";
  return response;
}

Response put(const Request& request, Lookups& lookups, std::string_view name) {
  const auto is_new = lookups.put(name, request.body);
  if (!is_new) return Response::from(is_new.error());
  JsonWriter json;
  json.begin_object().key("name").string(name).end_object();
  Response response = Response::json(json.take());
  response.status = *is_new ? 201 : 200;
  return response;
}

Response remove(Lookups& lookups, std::string_view name) {
  const auto removed = lookups.remove(name);
  if (!removed) return Response::from(removed.error());
  Response response;
  response.status = 204;
  return response;
}

}  // namespace

void add_search_routes(const ApiContext& context, Router& router) {
  if (context.sql == nullptr) return;
  router.add(
      "GET|POST", "/api/v1/search", [context](const Request& r) { return run(r, context); },
      Lane::kQuery);
}

void add_lookup_routes(Lookups& lookups, Router& router) {
  constexpr const char* kOne = "/api/v1/lookups/*";
  router.add("GET", "/api/v1/lookups",
             of_single_tenant([&lookups](const Request&) { return list(lookups); }));
  router.add_wildcard("GET", kOne,
                      of_single_tenant([&lookups](const Request&, std::string_view name) {
                        return show(lookups, name);
                      }));
  router.add_wildcard("PUT", kOne,
                      of_single_tenant([&lookups](const Request& request, std::string_view name) {
                        return put(request, lookups, name);
                      }));
  router.add_wildcard("DELETE", kOne,
                      of_single_tenant([&lookups](const Request&, std::string_view name) {
                        return remove(lookups, name);
                      }));
}

}  // namespace livedata::server::native
