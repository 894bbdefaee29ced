#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// /api/v1/records: GET gives all records of a selector and range, without a limit; POST stores
/// records as they are, in the form in which they are given.
void add_record_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::native
