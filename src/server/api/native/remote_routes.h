#pragma once

#include <functional>
#include <vector>

#include "collect/remote/remote_status.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// GET /api/v1/remotes: how the machines are doing that are watched over SSH. They are not changed
/// here: an option of ssh is a command to run. `status` must be thread-safe.
void add_remote_routes(std::function<std::vector<collect::remote::RemoteStatus>()> status,
                       Router& router);

}  // namespace livedata::server::native
