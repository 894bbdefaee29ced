#pragma once

#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::journal {

/// POST /upload and /api/v1/journal/upload: what systemd-journal-upload sends, one body that goes
/// on as long as it runs. Entries are stored as they come and stay stored when the connection
/// breaks.
void add_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::journal
