#pragma once

#include <variant>

#include "base/deadline.h"
#include "base/thread_pool.h"
#include "model/limits.h"
#include "model/tenant_scope.h"
#include "query/logql/ast.h"
#include "query/logql/steps.h"
#include "query/plan/memory_budget.h"
#include "query/plan/step_series.h"
#include "query/query_answer.h"
#include "storage/store.h"

namespace livedata::query::logql {

class ResultCache;

/// What a metric query works with; references outlive the evaluation.
struct MetricContext {
  const storage::Store& store;
  ThreadPool& pool;
  const TenantScope& scope;
  const Deadline& deadline;
  const StepContext& steps;
  plan::StepGrid grid;
  plan::MemoryBudget& budget;
  ResultCache& cache;
  QueryStats& stats;
};

/// A number that is the same at every step, or series.
using MetricValue = std::variant<double, plan::StepVector>;

/// Evaluates a metric expression at every step of the grid. An error that a pipeline left on a
/// sample fails the query, as in Loki.
Result<MetricValue> evaluate(const MetricExpression& expression, const MetricContext& context);

/// One range aggregation over the store. With `pushed` the samples are added up by that grouping at
/// once, which a sum around the aggregation would do later.
Result<plan::StepVector> run_range_aggregation(const RangeAggregation& aggregation,
                                               const Grouping* pushed,
                                               const MetricContext& context);

/// Whether the answer's order is that of a sort or sort_desc, and not that of the labels.
bool is_sorted(const MetricExpression& expression);

}  // namespace livedata::query::logql
