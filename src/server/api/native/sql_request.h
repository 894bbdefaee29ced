#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "query/sql/query.h"
#include "server/http/message.h"

namespace livedata::server::native {

/// The query of a request. Its text is the parameter `query`, or the body as it is, or in JSON
/// {"query": ..., "params": [...] or {...}}; start, end, since, limit and format stand in the
/// parameters or in the JSON. Without a format the header Accept decides, else it is JSON.
Result<query::sql::Query> parse_sql_request(const Request& request, TimestampNs now);

}  // namespace livedata::server::native
