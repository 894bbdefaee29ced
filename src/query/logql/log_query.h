#pragma once

#include "base/deadline.h"
#include "base/thread_pool.h"
#include "query/logql/ast.h"
#include "query/logql/engine.h"
#include "query/logql/pipeline.h"
#include "query/plan/memory_budget.h"
#include "query/plan/row.h"
#include "query/query_answer.h"
#include "storage/store.h"

namespace livedata::query::logql {

/// What the scan read, skipped and could not read.
void add_scan_stats(const storage::Scan& scan, QueryStats& stats);

/// What scan and steps did, if the query is to be explained.
void explain_scan(const storage::Scan& scan, const Pipeline& pipeline,
                  const std::vector<StepCount>& counts, QueryStats& stats);

/// What a log query's scan has to look for.
storage::ScanRequest scan_request(const LogExpression& expression, const Pipeline& pipeline,
                                  const TimeRange& range, Direction direction);

/// A row's answer form, with its visible labels by category.
LogRow to_log_row(plan::Row& row);

/// What a log query works with; references outlive the run.
struct LogContext {
  const storage::Store& store;
  ThreadPool& pool;
  const TenantScope& scope;
  const Deadline& deadline;
  const StepContext& steps;
  plan::MemoryBudget& budget;
  QueryStats& stats;
};

/// Runs a log query: reads units in the direction's order, in parallel, and stops as soon as no
/// unit that is left can hold one of the first `limit` rows.
Result<LogRows> run_log_query(const LogExpression& expression, const RangeQuery& query,
                              const LogContext& context);

/// The values that a label has in the rows of a log query, kInvalidArgument if there are more than
/// `limit`.
Result<ValueSet> collect_values(const LogExpression& expression, const std::string& label,
                                const TimeRange& range, std::size_t limit,
                                const LogContext& context);

}  // namespace livedata::query::logql
