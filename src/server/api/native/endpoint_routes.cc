#include "server/api/native/endpoint_routes.h"

#include "server/api/permissions.h"
#include "server/json/json_writer.h"

namespace livedata::server::native {
namespace {

Response list(const Router& router) {
  JsonWriter out;
  out.begin_object().key("endpoints").begin_array();
  for (const Router::RouteName& route : router.route_names()) {
    const RoutePermission* row = find_permission(route.method, route.path);
    out.begin_object().key("method").string(route.method).key("path").string(route.path);
    if (row == nullptr) {
      out.key("needs").string(name(tenant::Permission::kAdminister));
      out.key("is_listed").raw("false");
    } else {
      out.key("needs").string(row->needed ? name(*row->needed) : "nothing");
    }
    out.end_object();
  }
  return Response::json(out.end_array().end_object().take());
}

}  // namespace

void add_endpoint_list(Router& router) {
  router.add("GET", "/api/v1/endpoints", [&router](const Request&) { return list(router); });
}

}  // namespace livedata::server::native
