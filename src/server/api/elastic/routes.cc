#include "server/api/elastic/routes.h"

namespace livedata::server::elastic {

void add_routes(const ApiContext& context, Router& router) {
  // The root comes last: there the prefixes themselves look like the names of indices.
  for (const std::string_view prefix : {"/insert/elasticsearch", "/elasticsearch", ""}) {
    add_bulk_routes(context, prefix, router);
    add_cluster_routes(context, prefix, router);
    add_setup_routes(prefix, router);
  }
}

}  // namespace livedata::server::elastic
