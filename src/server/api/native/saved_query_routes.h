#pragma once

#include <functional>

#include "query/saved/saved_queries.h"
#include "query/saved/scheduler.h"
#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// /api/v1/queries: saved queries, how scheduled ones are doing, and running one. `queries` must
/// outlive the router.
void add_saved_query_routes(
    const ApiContext& context, query::saved::SavedQueries& queries,
    const std::function<query::saved::RunStatus(const std::string& name)>& status, Router& router);

}  // namespace livedata::server::native
