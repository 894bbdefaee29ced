#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// GET /api/v1/audit: who did what in the asker's tenant, as a log query answers.
void add_audit_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::native
