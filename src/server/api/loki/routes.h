#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::loki {

/// Loki's HTTP API: below /loki/api/v1, the older /api/prom, and what clients look at to learn
/// about the server.
void add_routes(const ApiContext& context, Router& router);

// Its parts.
void add_push_routes(const ApiContext& context, Router& router);
void add_query_routes(const ApiContext& context, Router& router);
void add_label_routes(const ApiContext& context, Router& router);
void add_explore_routes(const ApiContext& context, Router& router);
void add_pattern_routes(const ApiContext& context, Router& router);
void add_tail_routes(const ApiContext& context, Router& router);
void add_delete_routes(const ApiContext& context, Router& router);
void add_status_routes(const ApiContext& context, Router& router);
void add_legacy_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::loki
