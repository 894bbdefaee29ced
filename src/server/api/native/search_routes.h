#pragma once

#include "query/lookups/lookups.h"
#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// GET and POST /api/v1/search. Nothing where the context has no SQL. The lookups must outlive the
/// router.
void add_search_routes(const ApiContext& context, Router& router);

/// GET /api/v1/lookups, and GET, PUT and DELETE of /api/v1/lookups/NAME.
void add_lookup_routes(query::lookups::Lookups& lookups, Router& router);

}  // namespace livedata::server::native
