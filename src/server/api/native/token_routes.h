#pragma once

#include "server/http/router.h"
#include "tenant/token_store.h"

namespace livedata::server::native {

/// /api/v1/tokens: lists, makes and revokes tokens of the asker's tenant. `tokens` must outlive the
/// router.
void add_token_routes(tenant::TokenStore& tokens, const Clock& clock, Router& router);

}  // namespace livedata::server::native
