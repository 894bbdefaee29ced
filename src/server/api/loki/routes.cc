#include "server/api/loki/routes.h"

namespace livedata::server::loki {

void add_routes(const ApiContext& context, Router& router) {
  add_push_routes(context, router);
  add_query_routes(context, router);
  add_label_routes(context, router);
  add_explore_routes(context, router);
  add_pattern_routes(context, router);
  add_tail_routes(context, router);
  add_delete_routes(context, router);
  add_status_routes(context, router);
  add_legacy_routes(context, router);
}

}  // namespace livedata::server::loki
