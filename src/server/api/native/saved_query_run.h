#pragma once

#include <string>

#include "base/deadline.h"
#include "model/time_range.h"
#include "query/saved/saved_query.h"
#include "server/api/api_context.h"

namespace livedata::server::native {

/// Asks a saved query about a range. An object per row: of SQL and searches as they are answered
/// there; of a metric query its labels and `value` at the end of the range; of a log query `time`,
/// `line` and labels. kTooLarge: the rows are more than the scheduler would record.
Result<std::string> run_saved_query(const ApiContext& context, const TenantScope& scope,
                                    const query::saved::SavedQuery& query, const TimeRange& range,
                                    const Deadline& deadline);

}  // namespace livedata::server::native
