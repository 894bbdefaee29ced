#pragma once

#include "server/http/router.h"

namespace livedata::server::native {

/// GET /api/v1/endpoints: every route, and what it needs. To be added last; the router must outlive
/// its own routes.
void add_endpoint_list(Router& router);

}  // namespace livedata::server::native
