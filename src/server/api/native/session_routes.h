#pragma once

#include "server/http/router.h"
#include "tenant/authenticator.h"
#include "tenant/sessions.h"

namespace livedata::server::native {

/// /api/v1/session: a browser signs in (POST with a token, or a user and a password), asks who it
/// is (GET), and signs out (DELETE). Everything must outlive the router.
void add_session_routes(const tenant::Authenticator& authenticator, tenant::Sessions& sessions,
                        Router& router);

}  // namespace livedata::server::native
