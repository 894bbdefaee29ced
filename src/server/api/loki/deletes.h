#pragma once

#include "server/api/loki/routes.h"

namespace livedata::server::loki {

/// Loki's API for delete requests: POST or PUT makes one, GET lists them, DELETE cancels one.
void add_delete_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::loki
