#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// GET and POST /api/v1/sql, and GET /api/v1/sql/schema. Nothing where the context has no SQL.
void add_sql_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::native
