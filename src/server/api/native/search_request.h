#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "query/lookups/lookups.h"
#include "query/sql/search/search.h"
#include "server/http/message.h"

namespace livedata::server::native {

/// The search of a request: as parse_sql_request(), without params. explain=1 asks for its steps.
/// The range is the last hour where the request names none.
Result<query::sql::search::SearchQuery> parse_search_request(const Request& request,
                                                             TimestampNs now);

/// How a search gets at lookups, which must outlive it; null: there are none.
std::function<Result<query::sql::search::LookupTable>(const std::string& name)> loader_of(
    const query::lookups::Lookups* lookups);

}  // namespace livedata::server::native
