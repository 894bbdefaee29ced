#pragma once

#include "base/deadline.h"
#include "base/thread_pool.h"
#include "query/logql/ast.h"
#include "query/logql/engine.h"
#include "query/plan/row.h"
#include "query/query_answer.h"
#include "storage/store.h"

namespace livedata::query::logql {

/// What the scan read, skipped and could not read.
void add_scan_stats(const storage::Scan& scan, QueryStats& stats);

/// A row's answer form, with its visible labels by category.
LogRow to_log_row(plan::Row& row);

/// Runs a log query: reads units in the direction's order, in parallel, and stops as soon as no
/// unit that is left can hold one of the first `limit` rows.
Result<LogRows> run_log_query(const storage::Store& store, ThreadPool& pool, const TenantId& tenant,
                              const LogExpression& expression, const RangeQuery& query,
                              const Deadline& deadline, QueryStats& stats);

}  // namespace livedata::query::logql
