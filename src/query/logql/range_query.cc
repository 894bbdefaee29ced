#include <algorithm>
#include <deque>
#include <set>

#include "query/logql/log_query.h"
#include "query/logql/metric_query.h"
#include "query/logql/pipeline.h"
#include "query/logql/result_cache.h"
#include "query/logql/sample_gatherer.h"
#include "query/plan/range_accumulator.h"

namespace livedata::query::logql {
namespace {

constexpr std::int64_t kMinuteNs = 60 * kNsPerSecond;

/// Whether counts of records by stream, level and minute answer the aggregation: it counts, filters
/// nothing, groups by labels that the stream or the level decides, and no window begins or ends
/// within a minute.
bool can_use_counts(const RangeAggregation& aggregation, const Pipeline& pipeline,
                    const Grouping* grouping, const plan::StepGrid& grid) {
  const bool counts = aggregation.operation == RangeOperation::kCountOverTime ||
                      aggregation.operation == RangeOperation::kRate;
  return counts && !aggregation.unwrap && pipeline.empty() && grouping != nullptr &&
         !grouping->without && (grid.start - aggregation.offset_ns) % kMinuteNs == 0 &&
         (grid.count == 1 || grid.step % kMinuteNs == 0) && aggregation.range_ns % kMinuteNs == 0;
}

/// A name that is no label of a stream may be a field's, and of fields only the level is counted.
bool groups_by_stream(const storage::ScanCounts& counts, const Grouping& grouping) {
  return std::all_of(grouping.names.begin(), grouping.names.end(), [&](const std::string& name) {
    return name == kLevelLabel ||
           std::find(counts.fields.begin(), counts.fields.end(), name) == counts.fields.end() ||
           std::all_of(counts.streams.begin(), counts.streams.end(),
                       [&](const StreamRef& stream) { return stream->labels.has(name); });
  });
}

bool is_per_second(RangeOperation operation) {
  return operation == RangeOperation::kRate || operation == RangeOperation::kBytesRate ||
         operation == RangeOperation::kRateCounter;
}

storage::ScanRequest scan_request(const SampleSource& source, const plan::StepGrid& grid) {
  const RangeAggregation& aggregation = source.aggregation;
  storage::ScanRequest request;
  // Windows exclude their start and include their end.
  request.range.start = grid.start - aggregation.offset_ns - aggregation.range_ns + 1;
  request.range.end = grid.at(grid.count - 1) - aggregation.offset_ns + 1;
  request.matchers = aggregation.log.selector;
  request.needles = source.pipeline.needles();
  request.field_values = source.pipeline.field_values();
  request.needle_choices = source.pipeline.needle_choices();
  request.columns.lines = source.pipeline.reads_line() ||
                          aggregation.operation == RangeOperation::kBytesOverTime ||
                          aggregation.operation == RangeOperation::kBytesRate;
  // A line may have to be rendered from all fields.
  request.columns.all_fields = request.columns.lines || !source.wanted;
  if (source.wanted) request.columns.field_names = source.wanted->names();
  return request;
}

/// Whether parsers may be left out: nobody looks at what they make, as in
/// sum(count_over_time({...} | json [5m])). Loki does not run them either, so that lines that can't
/// be parsed do not fail such a query.
bool needs_no_labels(const SampleSource& source) {
  const bool counts_lines = !source.aggregation.unwrap &&
                            source.aggregation.operation != RangeOperation::kCountDistinctOverTime;
  return counts_lines && source.wanted && source.wanted->names().empty();
}

std::vector<Stage> without_parsers(const std::vector<Stage>& stages) {
  std::vector<Stage> out;
  for (const Stage& stage : stages) {
    const auto* parser = std::get_if<ParserStage>(&stage);
    if (parser == nullptr || parser->format == ParserStage::Format::kUnpack) out.push_back(stage);
  }
  return out;
}

/// Gathers the samples of a scan's units on all threads.
class Gathering {
 public:
  Gathering(const storage::Scan& scan, const SampleSource& source, const MetricContext& context)
      : scan_(scan), source_(source), context_(context) {}

  Result<plan::StepVector> run() {
    const RangeAggregation& aggregation = source_.aggregation;
    const plan::RangeWindow window{context_.grid, aggregation.range_ns, aggregation.offset_ns};
    // Each thread takes every n-th unit, so that it keeps one accumulator for all of them.
    const std::size_t num_threads =
        std::min(context_.pool.num_threads() + 1, std::max<std::size_t>(1, scan_.num_units()));
    for (std::size_t i = 0; i < num_threads; ++i)
      gatherers_.emplace_back(source_, window, context_.budget, context_.stats.explains);
    std::vector<Result<void>> results(num_threads);
    parallel_for(context_.pool, num_threads, [&](std::size_t thread) {
      for (std::size_t i = thread; i < scan_.num_units() && results[thread]; i += num_threads)
        results[thread] = read_unit(i, gatherers_[thread]);
    });
    for (const Result<void>& result : results) LIVEDATA_RETURN_IF_ERROR(result);
    add_stats();
    for (std::size_t i = 1; i < num_threads; ++i) {
      LIVEDATA_RETURN_IF_ERROR(
          gatherers_[0].accumulator().merge(std::move(gatherers_[i].accumulator())));
    }
    const double seconds =
        static_cast<double>(aggregation.range_ns) / static_cast<double>(kNsPerSecond);
    return gatherers_[0].accumulator().finish(is_per_second(aggregation.operation) ? seconds : 1);
  }

 private:
  Result<void> read_unit(std::size_t i, SampleGatherer& gatherer) const {
    if (can_use_counts(source_.aggregation, source_.pipeline, source_.grouping, context_.grid)) {
      const auto counts = scan_.counts(i);
      if (counts && groups_by_stream(*counts, *source_.grouping)) return gatherer.add(*counts);
    }
    LIVEDATA_TRY(const storage::ScanRows rows, scan_.read(i, context_.deadline));
    return gatherer.add(scan_.unit(i), rows);
  }

  void add_stats() const {
    add_scan_stats(scan_, context_.stats);
    std::vector<StepCount> total(source_.pipeline.step_texts().size());
    for (const SampleGatherer& gatherer : gatherers_) {
      context_.stats.bytes_processed += gatherer.bytes();
      context_.stats.lines_processed += gatherer.lines();
      context_.stats.lines_matched += gatherer.matched();
      for (std::size_t i = 0; i < total.size(); ++i) {
        total[i].rows_in += gatherer.step_counts()[i].rows_in;
        total[i].rows_out += gatherer.step_counts()[i].rows_out;
      }
    }
    explain_scan(scan_, source_.pipeline, total, context_.stats);
  }

  const storage::Scan& scan_;
  const SampleSource& source_;
  const MetricContext& context_;
  std::deque<SampleGatherer> gatherers_;  // one per thread; they don't move
};

/// One series of ones where the aggregation has no sample, with the labels that the selector's
/// equality matchers tell; one that is there twice tells nothing.
plan::StepVector absent_series(const RangeAggregation& aggregation, const plan::StepVector& counts,
                               const plan::StepGrid& grid) {
  std::vector<Label> labels;
  std::set<std::string> seen;
  for (const LabelMatcher& matcher : aggregation.log.selector) {
    const bool is_first = seen.insert(matcher.name()).second;
    if (!is_first) {
      std::erase_if(labels, [&](const Label& label) { return label.name == matcher.name(); });
    } else if (matcher.op() == MatchOp::kEqual) {
      labels.push_back({matcher.name(), matcher.value()});
    }
  }
  plan::StepSeries absent{Labels(std::move(labels))};
  for (std::size_t i = 0; i < grid.count; ++i) {
    if (counts.empty() || !counts.front().has(i)) absent.set(i, 1);
  }
  if (absent.empty()) return {};
  return {std::move(absent)};
}

/// The aggregation at every step of the grid, from the store.
Result<plan::StepVector> compute(const RangeAggregation& aggregation, const Grouping* grouping,
                                 const MetricContext& context) {
  LIVEDATA_TRY(Pipeline pipeline, Pipeline::compile(aggregation.log.stages, context.steps));
  LIVEDATA_TRY(const SampleSource source,
               make_sample_source(aggregation, pipeline, grouping, context.steps));
  if (needs_no_labels(source)) {
    LIVEDATA_TRY(pipeline,
                 Pipeline::compile(without_parsers(aggregation.log.stages), context.steps));
  }
  LIVEDATA_TRY(const storage::Scan scan,
               context.store.scan(context.scope, scan_request(source, context.grid)));
  LIVEDATA_TRY(plan::StepVector vector, Gathering(scan, source, context).run());
  if (aggregation.operation == RangeOperation::kAbsentOverTime)
    return absent_series(aggregation, vector, context.grid);
  return vector;
}

}  // namespace

Result<plan::StepVector> run_range_aggregation(const RangeAggregation& aggregation,
                                               const Grouping* pushed,
                                               const MetricContext& context) {
  const Grouping all_together;
  const Grouping* grouping = aggregation.operation == RangeOperation::kAbsentOverTime
                                 ? &all_together
                             : aggregation.grouping ? &*aggregation.grouping
                                                    : pushed;
  if (!is_cacheable(aggregation, context)) return compute(aggregation, grouping, context);
  return context.cache.get(aggregation, grouping, context, [&](const plan::StepGrid& grid) {
    MetricContext part = context;
    part.grid = grid;
    return compute(aggregation, grouping, part);
  });
}

}  // namespace livedata::query::logql
