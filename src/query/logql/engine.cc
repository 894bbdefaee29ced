#include "query/logql/engine.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "model/service_name.h"
#include "query/logql/log_query.h"
#include "query/logql/metric_query.h"
#include "query/logql/parser.h"
#include "query/logql/pipeline.h"
#include "query/logql/printer.h"
#include "query/logql/result_cache.h"

namespace livedata::query::logql {
namespace {

constexpr std::size_t kMaxRowStride = 16;  // of visit_rows()

// Loki's default resolution: 250 steps over the range, at least a second apart.
constexpr std::int64_t kDefaultSteps = 250;

Result<plan::StepGrid> step_grid(const RangeQuery& query, const Limits& limits) {
  plan::StepGrid grid;
  grid.start = query.start;
  const std::int64_t range = query.end - query.start;
  const std::int64_t whole_seconds =
      std::max<std::int64_t>(1, range / kNsPerSecond / kDefaultSteps);
  grid.step = query.step_ns > 0 ? query.step_ns : whole_seconds * kNsPerSecond;
  const std::int64_t count = range / grid.step + 1;
  if (count > static_cast<std::int64_t>(limits.max_points)) {
    return fail(ErrorCode::kInvalidArgument,
                "exceeded maximum resolution of {} points per time series. Try increasing the "
                "value of the step parameter",
                limits.max_points);
  }
  grid.count = static_cast<std::size_t>(count);
  return grid;
}

std::vector<Series> to_series(const plan::StepVector& vector, const plan::StepGrid& grid) {
  std::vector<Series> out;
  for (const plan::StepSeries& series : vector) {
    Series& answer = out.emplace_back();
    answer.labels = series.labels;
    for (std::size_t i = series.begin_step(); i < series.end_step(); ++i) {
      if (series.has(i)) answer.samples.push_back({grid.at(i), series.value(i)});
    }
  }
  return out;
}

Matrix to_matrix(const MetricValue& value, const plan::StepGrid& grid) {
  if (const auto* vector = std::get_if<plan::StepVector>(&value)) return {to_series(*vector, grid)};
  Series constant;
  for (std::size_t i = 0; i < grid.count; ++i)
    constant.samples.push_back({grid.at(i), std::get<double>(value)});
  return {{std::move(constant)}};
}

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Result<void> check_range(const RangeQuery& query, const Limits& limits) {
  if (query.end < query.start)
    return fail(ErrorCode::kInvalidArgument, "the query's end is before its start");
  if (query.limit > limits.max_entries) {
    return fail(ErrorCode::kInvalidArgument,
                "max entries limit per query exceeded, limit > max_entries_limit ({} > {})",
                query.limit, limits.max_entries);
  }
  return {};
}

/// Whether adding up values of different series means something.
bool is_additive(const MetricExpression& expression) {
  if (const auto* range = std::get_if<RangeAggregation>(&expression.node)) {
    return range->operation == RangeOperation::kCountOverTime ||
           range->operation == RangeOperation::kRate ||
           range->operation == RangeOperation::kBytesOverTime ||
           range->operation == RangeOperation::kBytesRate ||
           range->operation == RangeOperation::kSumOverTime;
  }
  if (const auto* vector = std::get_if<VectorAggregation>(&expression.node)) {
    const bool adds = vector->operation == VectorOperation::kSum ||
                      vector->operation == VectorOperation::kSort ||
                      vector->operation == VectorOperation::kSortDesc;
    return vector->operation == VectorOperation::kCount || (adds && is_additive(*vector->operand));
  }
  return false;
}

/// Keeps the series with the largest values and adds the others up, if there are more than the
/// answer should have: Loki would refuse such a query.
void fold_smallest(std::vector<Series>& series, std::size_t max_series,
                   const MetricExpression& expression, QueryStats& stats) {
  if (series.size() <= max_series) return;
  const auto total = [](const Series& s) {
    double sum = 0;
    for (const Sample& sample : s.samples) sum += std::isnan(sample.value) ? 0 : sample.value;
    return sum;
  };
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < series.size(); ++i) order.emplace_back(total(series[i]), i);
  const auto kept_end = order.begin() + static_cast<std::ptrdiff_t>(max_series);
  std::nth_element(order.begin(), kept_end, order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::map<TimestampNs, double> rest;
  std::set<std::string> names;
  for (auto it = kept_end; it != order.end(); ++it) {
    for (const Sample& sample : series[it->second].samples) rest[sample.time] += sample.value;
    for (const Label& label : series[it->second].labels) names.insert(label.name);
  }
  std::vector<std::size_t> kept;
  for (auto it = order.begin(); it != kept_end; ++it) kept.push_back(it->second);
  std::sort(kept.begin(), kept.end());
  std::vector<Series> out;
  for (const std::size_t i : kept) out.push_back(std::move(series[i]));
  stats.warnings.push_back(fmt::format(
      "the query has {} series: the {} with the largest values are shown{}; group by fewer labels, "
      "or "
      "use topk, to see less",
      series.size(), max_series,
      is_additive(expression) ? ", the others are added up in a series whose labels are \"(other)\""
                              : ", the others are left out"));
  if (!is_additive(expression)) {
    series = std::move(out);
    return;
  }
  std::vector<Label> other_labels;
  for (const std::string& name : names) other_labels.push_back({name, "(other)"});
  Series other{Labels(std::move(other_labels)), {}};
  for (const auto& [time, value] : rest) other.samples.push_back({time, value});
  const auto place =
      std::lower_bound(out.begin(), out.end(), other,
                       [](const Series& x, const Series& y) { return x.labels < y.labels; });
  out.insert(is_sorted(expression) ? out.end() : place, std::move(other));
  series = std::move(out);
}

/// Calls visit(filter) for each `name in (...)` of the stages, inner ones first.
void for_inner(const std::vector<Stage>& stages,
               const std::function<void(const LabelFilter&)>& visit) {
  const std::function<void(const LabelFilter&)> walk = [&](const LabelFilter& filter) {
    if (filter.left != nullptr) {
      walk(*filter.left);
      walk(*filter.right);
    } else if (filter.kind == LabelFilter::Kind::kIn) {
      for_inner(filter.inner->stages, visit);
      visit(filter);
    }
  };
  for (const Stage& stage : stages) {
    if (const auto* filter = std::get_if<LabelFilter>(&stage)) walk(*filter);
  }
}

/// Calls visit for each range aggregation of an expression.
void for_range_aggregations(const MetricExpression& expression,
                            const std::function<void(const RangeAggregation&)>& visit) {
  if (const auto* range = std::get_if<RangeAggregation>(&expression.node)) {
    visit(*range);
  } else if (const auto* vector = std::get_if<VectorAggregation>(&expression.node)) {
    for_range_aggregations(*vector->operand, visit);
  } else if (const auto* replace = std::get_if<LabelReplace>(&expression.node)) {
    for_range_aggregations(*replace->operand, visit);
  } else if (const auto* binary = std::get_if<BinaryOperation>(&expression.node)) {
    for_range_aggregations(*binary->left, visit);
    for_range_aggregations(*binary->right, visit);
  }
}

}  // namespace

/// One query on its way.
class Engine::Run {
 public:
  Run(const Engine& engine, const TenantScope& scope, const Deadline& deadline)
      : engine_(engine),
        scope_(scope),
        deadline_(deadline),
        budget_(engine.limits_.max_query_bytes) {
    steps_.now = engine.clock_.now();
  }

  Result<LogRows> log(const LogExpression& expression, const RangeQuery& query, QueryStats& stats) {
    const LogContext context = log_context(stats);
    LIVEDATA_RETURN_IF_ERROR(resolve(expression.stages, {query.start, query.end}, context));
    return run_log_query(expression, query, context);
  }

  Result<MetricValue> metric(const MetricExpression& expression, const plan::StepGrid& grid,
                             QueryStats& stats) {
    const LogContext log = log_context(stats);
    Result<void> resolved;
    for_range_aggregations(expression, [&](const RangeAggregation& aggregation) {
      const TimeRange range{grid.start - aggregation.offset_ns - aggregation.range_ns + 1,
                            grid.at(grid.count - 1) - aggregation.offset_ns + 1};
      if (resolved) resolved = resolve(aggregation.log.stages, range, log);
      if (!resolved || !aggregation.unwrap) return;
      const auto& filters = aggregation.unwrap->filters;
      resolved = resolve(std::vector<Stage>(filters.begin(), filters.end()), range, log);
    });
    LIVEDATA_RETURN_IF_ERROR(resolved);
    return evaluate(expression, {engine_.store_, engine_.pool_, scope_, deadline_, steps_, grid,
                                 budget_, *engine_.cache_, stats});
  }

 private:
  LogContext log_context(QueryStats& stats) {
    return {engine_.store_, engine_.pool_, scope_, deadline_, steps_, budget_, stats};
  }

  /// Runs the inner queries of the stages, over the same range as the outer one.
  Result<void> resolve(const std::vector<Stage>& stages, const TimeRange& range,
                       const LogContext& context) {
    Result<void> result;
    for_inner(stages, [&](const LabelFilter& filter) {
      if (!result || steps_.inner_values.contains(filter.inner.get())) return;
      auto values = collect_values(*filter.inner, filter.name, range,
                                   engine_.limits_.max_inner_values, context);
      if (!values) {
        result = fail(std::move(values).error());
      } else {
        steps_.inner_values.emplace(filter.inner.get(),
                                    std::make_shared<const ValueSet>(*std::move(values)));
      }
    });
    return result;
  }

  const Engine& engine_;
  const TenantScope& scope_;
  const Deadline& deadline_;
  plan::MemoryBudget budget_;
  StepContext steps_;
};

Engine::Engine(const storage::Store& store, ThreadPool& pool, const Limits& limits,
               const Clock& clock)
    : cache_(std::make_unique<ResultCache>(limits.max_cache_bytes)),
      store_(store),
      pool_(pool),
      limits_(limits),
      clock_(clock) {}

Engine::~Engine() = default;

Result<QueryAnswer> Engine::range(const TenantScope& scope, const RangeQuery& query,
                                  const Deadline& deadline) const {
  LIVEDATA_TRY(const Expression expression, parse(query.text));
  LIVEDATA_RETURN_IF_ERROR(check_range(query, limits_));
  QueryAnswer answer;
  answer.stats.explains = query.explain;
  Run run(*this, scope, deadline);
  const Stopwatch stopwatch;
  if (const auto* log = std::get_if<LogExpression>(&expression)) {
    LIVEDATA_TRY(LogRows rows, run.log(*log, query, answer.stats));
    answer.stats.entries_returned = rows.rows.size();
    answer.value = std::move(rows);
  } else {
    LIVEDATA_TRY(const plan::StepGrid grid, step_grid(query, limits_));
    LIVEDATA_TRY(const MetricValue value,
                 run.metric(*std::get<MetricPointer>(expression), grid, answer.stats));
    Matrix matrix = to_matrix(value, grid);
    fold_smallest(matrix.series, limits_.max_series, *std::get<MetricPointer>(expression),
                  answer.stats);
    answer.stats.entries_returned = matrix.series.size();
    answer.value = std::move(matrix);
  }
  answer.stats.exec_seconds = stopwatch.seconds();
  return answer;
}

Result<QueryAnswer> Engine::instant(const TenantScope& scope, const InstantQuery& query,
                                    const Deadline& deadline) const {
  LIVEDATA_TRY(const Expression expression, parse(query.text));
  const auto* metric = std::get_if<MetricPointer>(&expression);
  if (metric == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                "log queries are not supported as an instant query type, please change your query "
                "to a range query type");
  }
  QueryAnswer answer;
  answer.stats.explains = query.explain;
  Run run(*this, scope, deadline);
  const Stopwatch stopwatch;
  const plan::StepGrid grid{.start = query.time};
  LIVEDATA_TRY(const MetricValue value, run.metric(**metric, grid, answer.stats));
  if (const auto* scalar = std::get_if<double>(&value)) {
    answer.value = Scalar{{query.time, *scalar}};
    answer.stats.exec_seconds = stopwatch.seconds();
    return answer;
  }
  Vector vector{to_series(std::get<plan::StepVector>(value), grid)};
  if (!is_sorted(**metric)) {
    std::stable_sort(vector.series.begin(), vector.series.end(),
                     [](const Series& a, const Series& b) { return a.labels < b.labels; });
  }
  fold_smallest(vector.series, limits_.max_series, **metric, answer.stats);
  answer.stats.entries_returned = vector.series.size();
  answer.value = std::move(vector);
  answer.stats.exec_seconds = stopwatch.seconds();
  return answer;
}

Result<void> Engine::visit_rows(const TenantScope& scope, std::string_view query,
                                const TimeRange& range, std::size_t max_rows, const VisitRow& visit,
                                const Deadline& deadline) const {
  LIVEDATA_TRY(const Expression expression, parse(query));
  const auto* log = std::get_if<LogExpression>(&expression);
  if (log == nullptr)
    return fail(ErrorCode::kInvalidArgument, "a log query is expected here, not a metric query");
  LIVEDATA_TRY(const Pipeline pipeline, Pipeline::compile(log->stages, {.now = clock_.now()}));
  LIVEDATA_TRY(const storage::Scan scan,
               store_.scan(scope, scan_request(*log, pipeline, range, Direction::kBackward)));
  // Of a range with more rows than can be looked at, every n-th row is visited, which says more
  // than whole units do: each of those has rows of few streams. Where even reading takes too long,
  // every m-th unit is read.
  std::size_t total = 0;
  for (std::size_t i = 0; i < scan.num_units(); ++i) total += scan.unit(i).num_rows;
  const std::size_t stride = std::max<std::size_t>(1, (total + max_rows - 1) / max_rows);
  const std::size_t row_stride = std::min(stride, kMaxRowStride);
  const std::size_t unit_stride = (stride + row_stride - 1) / row_stride;
  plan::Row row;
  std::size_t count = 0;
  for (std::size_t i = 0; i < scan.num_units(); i += unit_stride) {
    LIVEDATA_TRY(const storage::ScanRows rows, scan.read(i, deadline));
    for (const RowIndex index : rows.rows) {
      if (count++ % row_stride != 0) continue;
      row.reset(*rows.batch, index);
      if (pipeline.run(row)) visit(row, unit_stride * row_stride);
    }
  }
  return {};
}

class LivePipeline::Compiled {
 public:
  Compiled(LogExpression expression, Pipeline pipeline)
      : selector_(std::move(expression.selector)),
        reads_time_(std::any_of(expression.stages.begin(), expression.stages.end(), has_template)),
        pipeline_(std::move(pipeline)) {}

  [[nodiscard]] std::vector<LogRow> apply(const RecordBatch& batch) const {
    std::vector<bool> wanted;
    for (const StreamRef& stream : batch.streams())
      wanted.push_back(matches_all(selector_, stream->labels));
    std::vector<LogRow> out;
    plan::Row row;
    for (RowIndex i = 0; i < batch.num_rows(); ++i) {
      if (!wanted[batch.stream_ordinals()[i]]) continue;
      row.reset(batch, i);
      if (pipeline_.run(row)) out.push_back(to_log_row(row));
    }
    return out;
  }
  [[nodiscard]] const Pipeline& pipeline() const { return pipeline_; }
  [[nodiscard]] bool reads_time() const { return reads_time_; }

 private:
  std::vector<LabelMatcher> selector_;
  bool reads_time_;
  Pipeline pipeline_;
};

LivePipeline::LivePipeline(std::shared_ptr<const Compiled> compiled)
    : compiled_(std::move(compiled)) {}

Result<LivePipeline> LivePipeline::compile(std::string_view text,
                                           const std::vector<LabelMatcher>& streams) {
  LIVEDATA_TRY(Expression expression, parse(text));
  auto* log = std::get_if<LogExpression>(&expression);
  if (log == nullptr)
    return fail(ErrorCode::kInvalidArgument,
                "only log queries can be followed live, not metric queries");
  LIVEDATA_TRY(Pipeline pipeline, Pipeline::compile(log->stages, StepContext()));
  if (!pipeline.distinct_labels().empty())
    return fail(ErrorCode::kInvalidArgument, "distinct can't be followed live");
  log->selector.insert(log->selector.end(), streams.begin(), streams.end());
  return LivePipeline(std::make_shared<const Compiled>(std::move(*log), std::move(pipeline)));
}

std::vector<LogRow> LivePipeline::apply(const RecordBatch& batch) const {
  return compiled_->apply(batch);
}

const std::vector<std::string>& LivePipeline::needles() const {
  return compiled_->pipeline().needles();
}
bool LivePipeline::reads_time() const { return compiled_->reads_time(); }

Result<std::string> formatted(std::string_view query) {
  LIVEDATA_TRY(const Expression expression, parse(query));
  return format_query(expression);
}

Result<std::vector<LabelMatcher>> selector_of(std::string_view query) {
  LIVEDATA_TRY(Expression expression, parse(query));
  auto* log = std::get_if<LogExpression>(&expression);
  if (log == nullptr)
    return fail(ErrorCode::kInvalidArgument, "a log query is expected here, not a metric query");
  return std::move(log->selector);
}

Result<std::vector<LabelMatcher>> parse_selector(std::string_view text) {
  return parse_selector_text(text);
}

}  // namespace livedata::query::logql
