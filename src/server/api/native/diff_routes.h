#pragma once

#include <string>

#include "query/around/context.h"
#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// Answers the parameters of /api/v1/diff, for who has no server.
Result<std::string> answer_diff(const query::around::Context& context, const Parameters& parameters,
                                TimestampNs now);

/// /api/v1/diff: what is different between two ranges of time, or between a selection and the rest.
void add_diff_routes(const ApiContext& context, Router& router);

}  // namespace livedata::server::native
