#include "query/logql/engine.h"

#include <algorithm>
#include <chrono>

#include "model/service_name.h"
#include "query/logql/log_query.h"
#include "query/logql/metric_query.h"
#include "query/logql/parser.h"
#include "query/logql/pipeline.h"

namespace livedata::query::logql {
namespace {

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
    for (std::size_t i = 0; i < grid.count; ++i) {
      if (series.present[i]) answer.samples.push_back({grid.at(i), series.values[i]});
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
  explicit Stopwatch(QueryStats& stats) : stats_(stats), start_(std::chrono::steady_clock::now()) {}
  ~Stopwatch() {
    stats_.exec_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  QueryStats& stats_;
  std::chrono::steady_clock::time_point start_;
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

}  // namespace

Engine::Engine(const storage::Store& store, ThreadPool& pool, const Limits& limits)
    : store_(store), pool_(pool), limits_(limits) {}

Result<QueryAnswer> Engine::range(const TenantId& tenant, const RangeQuery& query,
                                  const Deadline& deadline) const {
  LIVEDATA_TRY(const Expression expression, parse(query.text));
  LIVEDATA_RETURN_IF_ERROR(check_range(query, limits_));
  QueryAnswer answer;
  {
    const Stopwatch stopwatch(answer.stats);
    if (const auto* log = std::get_if<LogExpression>(&expression)) {
      LIVEDATA_TRY(LogRows rows,
                   run_log_query(store_, pool_, tenant, *log, query, deadline, answer.stats));
      answer.stats.entries_returned = rows.rows.size();
      answer.value = std::move(rows);
    } else {
      LIVEDATA_TRY(const plan::StepGrid grid, step_grid(query, limits_));
      const MetricContext context{store_, pool_, limits_, tenant, deadline, grid, answer.stats};
      LIVEDATA_TRY(const MetricValue value,
                   evaluate(*std::get<MetricPointer>(expression), context));
      answer.value = to_matrix(value, grid);
    }
  }
  return answer;
}

Result<QueryAnswer> Engine::instant(const TenantId& tenant, const InstantQuery& query,
                                    const Deadline& deadline) const {
  LIVEDATA_TRY(const Expression expression, parse(query.text));
  if (std::holds_alternative<LogExpression>(expression)) {
    return fail(ErrorCode::kInvalidArgument,
                "log queries are not supported as an instant query type, please change your query "
                "to a range query type");
  }
  QueryAnswer answer;
  {
    const Stopwatch stopwatch(answer.stats);
    const plan::StepGrid grid{.start = query.time};
    const MetricContext context{store_, pool_, limits_, tenant, deadline, grid, answer.stats};
    LIVEDATA_TRY(const MetricValue value, evaluate(*std::get<MetricPointer>(expression), context));
    if (const auto* scalar = std::get_if<double>(&value)) {
      answer.value = Scalar{{query.time, *scalar}};
    } else {
      answer.value = Vector{to_series(std::get<plan::StepVector>(value), grid)};
    }
  }
  return answer;
}

class LivePipeline::Compiled {
 public:
  Compiled(LogExpression expression, Pipeline pipeline)
      : selector_(std::move(expression.selector)), pipeline_(std::move(pipeline)) {}

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

 private:
  std::vector<LabelMatcher> selector_;
  Pipeline pipeline_;
};

LivePipeline::LivePipeline(std::shared_ptr<const Compiled> compiled)
    : compiled_(std::move(compiled)) {}

Result<LivePipeline> LivePipeline::compile(std::string_view text) {
  LIVEDATA_TRY(Expression expression, parse(text));
  auto* log = std::get_if<LogExpression>(&expression);
  if (log == nullptr)
    return fail(ErrorCode::kInvalidArgument,
                "only log queries can be followed live, not metric queries");
  LIVEDATA_TRY(Pipeline pipeline, Pipeline::compile(log->stages));
  return LivePipeline(std::make_shared<const Compiled>(std::move(*log), std::move(pipeline)));
}

std::vector<LogRow> LivePipeline::apply(const RecordBatch& batch) const {
  return compiled_->apply(batch);
}

Result<std::vector<LabelMatcher>> parse_selector(std::string_view text) {
  return parse_selector_text(text);
}

}  // namespace livedata::query::logql
