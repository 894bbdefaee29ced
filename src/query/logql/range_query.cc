#include <algorithm>
#include <set>

#include "query/logql/log_query.h"
#include "query/logql/metric_query.h"
#include "query/logql/pipeline.h"
#include "query/plan/range_accumulator.h"
#include "query/plan/units.h"

namespace livedata::query::logql {
namespace {

plan::RangeFunction function_of(RangeOperation operation, bool unwraps) {
  switch (operation) {
    case RangeOperation::kRate:
      return unwraps ? plan::RangeFunction::kSum : plan::RangeFunction::kCount;
    case RangeOperation::kSumOverTime:
      return plan::RangeFunction::kSum;
    case RangeOperation::kAvgOverTime:
      return plan::RangeFunction::kAvg;
    case RangeOperation::kMinOverTime:
      return plan::RangeFunction::kMin;
    case RangeOperation::kMaxOverTime:
      return plan::RangeFunction::kMax;
    case RangeOperation::kFirstOverTime:
      return plan::RangeFunction::kFirst;
    case RangeOperation::kLastOverTime:
      return plan::RangeFunction::kLast;
    default:
      return plan::RangeFunction::kCount;
  }
}

bool counts_bytes(RangeOperation operation) {
  return operation == RangeOperation::kBytesOverTime || operation == RangeOperation::kBytesRate;
}

bool is_per_second(RangeOperation operation) {
  return operation == RangeOperation::kRate || operation == RangeOperation::kBytesRate;
}

/// The number that an unwrapped label holds: numeric fields as they are, text by the conversion;
/// durations in seconds.
std::optional<double> unwrapped(const FieldValue& value, Unwrap::Conversion conversion) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr) return std::nullopt;
  switch (conversion) {
    case Unwrap::Conversion::kNumber:
      return plan::parse_number(*text);
    case Unwrap::Conversion::kBytes:
      return plan::parse_bytes(*text);
    case Unwrap::Conversion::kDuration: {
      const auto ns = plan::parse_duration_ns(*text);
      return ns ? std::optional(*ns / 1e9) : std::nullopt;
    }
  }
  return std::nullopt;
}

void append_key(std::string_view name, std::string_view value, std::string& key) {
  key.append(name);
  key += '\0';
  key.append(value);
  key += '\0';
}

constexpr std::int64_t kMinuteNs = 60 * kNsPerSecond;
constexpr std::string_view kLevelLabel = "detected_level";

tl::unexpected<Error> too_many_series() {
  return fail(ErrorCode::kInvalidArgument,
              "the query makes too many series; group them, for instance by sum by "
              "(service_name) (...)");
}

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
           std::all_of(counts.streams.begin(), counts.streams.end(),
                       [&](const StreamRef& stream) { return stream->labels.has(name); });
  });
}

/// Gathers the samples of one thread's units.
class Gatherer {
 public:
  Gatherer(const RangeAggregation& aggregation, const Pipeline& pipeline, const Grouping* grouping,
           const plan::RangeWindow& window, const plan::SeriesLimits& limits)
      : aggregation_(aggregation),
        pipeline_(pipeline),
        grouping_(grouping),
        accumulator_(function_of(aggregation.operation, aggregation.unwrap.has_value()), window,
                     limits) {}

  Result<void> add(const storage::ScanUnitInfo& unit, const storage::ScanRows& rows) {
    bytes_ += unit.raw_bytes;
    lines_ += unit.num_rows;
    series_of_stream_.assign(rows.batch == nullptr ? 0 : rows.batch->streams().size(), nullptr);
    for (const RowIndex index : rows.rows) {
      row_.reset(*rows.batch, index);
      if (!pipeline_.run(row_)) continue;
      LIVEDATA_RETURN_IF_ERROR(add_sample());
    }
    return {};
  }

  /// The same from counts alone. Precondition: can_use_counts().
  Result<void> add(const storage::ScanCounts& counts) {
    for (const storage::ScanCounts::Count& count : counts.counts) {
      const Labels& labels = counts.streams[count.stream]->labels;
      const std::string& level = counts.levels[count.level];
      const auto value_of = [&](const std::string& name) {
        return name == kLevelLabel && !labels.has(name) ? std::string_view(level)
                                                        : labels.get(name);
      };
      key_.clear();
      for (const std::string& name : grouping_->names) append_key(name, value_of(name), key_);
      auto* cells = accumulator_.series(key_, [&] {
        std::vector<Label> found;
        for (const std::string& name : grouping_->names)
          found.push_back({name, std::string(value_of(name))});
        return Labels(std::move(found));
      });
      if (cells == nullptr) return too_many_series();
      accumulator_.add(*cells, (count.minute + 1) * kMinuteNs, count.rows);
      lines_ += count.rows;
      matched_ += count.rows;
    }
    return {};
  }

  plan::RangeAccumulator& accumulator() { return accumulator_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] std::uint64_t matched() const { return matched_; }

 private:
  Result<void> add_sample() {
    double value =
        counts_bytes(aggregation_.operation) ? static_cast<double>(row_.line().size()) : 1;
    if (aggregation_.unwrap) {
      const auto label = row_.find(aggregation_.unwrap->name);
      if (!label) return {};  // no sample, as in Loki
      const auto number = unwrapped(*label, aggregation_.unwrap->conversion);
      if (number) {
        value = *number;
      } else {
        row_.set_error("SampleExtractionErr",
                       fmt::format("'{}' is not a number", to_string(*label)));
      }
    }
    if (const auto error = pipeline_.changes_labels() || aggregation_.unwrap
                               ? row_.find(plan::kErrorLabel)
                               : std::nullopt) {
      return fail(
          ErrorCode::kInvalidArgument,
          "pipeline error: '{}' for series: '{}'; add | __error__=\"\" to leave such lines out",
          to_string(*error), Labels(row_.all_labels()).to_string());
    }
    LIVEDATA_TRY(plan::RangeAccumulator::SeriesCells * cells, find_series());
    accumulator_.add(*cells, row_.timestamp(), value);
    ++matched_;
    return {};
  }

  /// Whether a series depends on the row's stream alone: then it is looked up once per stream and
  /// batch.
  [[nodiscard]] bool by_stream_labels_only() const {
    if (grouping_ == nullptr || grouping_->without || pipeline_.changes_labels()) return false;
    const Labels& labels = row_.stream().labels;
    const auto columns = row_.batch().field_columns();
    return std::all_of(
        grouping_->names.begin(), grouping_->names.end(), [&](const std::string& name) {
          return labels.has(name) ||
                 std::none_of(columns.begin(), columns.end(),
                              [&](const FieldColumn& column) { return column.name == name; });
        });
  }

  Result<plan::RangeAccumulator::SeriesCells*> find_series() {
    auto*& cached = series_of_stream_[row_.batch().stream_ordinals()[row_.index()]];
    if (cached != nullptr) return cached;
    key_.clear();
    plan::RangeAccumulator::SeriesCells* cells = nullptr;
    if (grouping_ != nullptr && !grouping_->without) {
      cells = find_grouped_series();
    } else {
      Labels labels(series_labels());
      for (const Label& label : labels) append_key(label.name, label.value, key_);
      cells = accumulator_.series(key_, [&] { return std::move(labels); });
    }
    if (cells == nullptr) return too_many_series();
    if (by_stream_labels_only()) cached = cells;
    return cells;
  }

  plan::RangeAccumulator::SeriesCells* find_grouped_series() {
    std::vector<Label> labels;
    for (const std::string& name : grouping_->names) {
      const auto value = row_.find(name);
      if (!value) {
        append_key(name, {}, key_);
        continue;
      }
      if (const auto* text = std::get_if<std::string_view>(&*value)) {
        append_key(name, *text, key_);
      } else {
        append_key(name, to_string(*value), key_);
      }
    }
    return accumulator_.series(key_, [&] {
      for (const std::string& name : grouping_->names) {
        if (const auto value = row_.find(name)) labels.push_back({name, to_string(*value)});
      }
      return Labels(std::move(labels));
    });
  }

  /// All labels but the unwrapped one and, with `without`, those named.
  std::vector<Label> series_labels() const {
    std::vector<Label> labels = row_.all_labels();
    std::erase_if(labels, [&](const Label& label) {
      if (aggregation_.unwrap && label.name == aggregation_.unwrap->name) return true;
      return grouping_ != nullptr && std::find(grouping_->names.begin(), grouping_->names.end(),
                                               label.name) != grouping_->names.end();
    });
    return labels;
  }

  const RangeAggregation& aggregation_;
  const Pipeline& pipeline_;
  const Grouping* grouping_;
  plan::RangeAccumulator accumulator_;
  plan::Row row_;
  std::string key_;
  std::vector<plan::RangeAccumulator::SeriesCells*> series_of_stream_;
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t matched_ = 0;
};

storage::ScanRequest scan_request(const RangeAggregation& aggregation, const Pipeline& pipeline,
                                  const Grouping* grouping, const plan::StepGrid& grid) {
  storage::ScanRequest request;
  // Windows exclude their start and include their end.
  request.range.start = grid.start - aggregation.offset_ns - aggregation.range_ns + 1;
  request.range.end = grid.at(grid.count - 1) - aggregation.offset_ns + 1;
  request.matchers = aggregation.log.selector;
  request.needles = pipeline.needles();
  request.field_values = pipeline.field_values();
  const bool by_names = grouping != nullptr && !grouping->without;
  request.columns.lines = pipeline.reads_line() || counts_bytes(aggregation.operation);
  // A line may have to be rendered from all fields, and so may a label set without grouping.
  request.columns.all_fields = request.columns.lines || !by_names;
  if (!request.columns.all_fields) {
    std::set<std::string> names(grouping->names.begin(), grouping->names.end());
    names.insert(pipeline.filtered_labels().begin(), pipeline.filtered_labels().end());
    if (aggregation.unwrap) names.insert(aggregation.unwrap->name);
    request.columns.field_names.assign(names.begin(), names.end());
  }
  return request;
}

}  // namespace

Result<plan::StepVector> run_range_aggregation(const RangeAggregation& aggregation,
                                               const Grouping* pushed,
                                               const MetricContext& context) {
  const Grouping* grouping = aggregation.grouping ? &*aggregation.grouping : pushed;
  LIVEDATA_TRY(const Pipeline pipeline, Pipeline::compile(aggregation.log.stages));
  LIVEDATA_TRY(const storage::Scan scan,
               context.store.scan(context.tenant,
                                  scan_request(aggregation, pipeline, grouping, context.grid)));
  const plan::RangeWindow window{context.grid, aggregation.range_ns, aggregation.offset_ns};
  const plan::SeriesLimits limits{.max_series = context.limits.max_series};

  // Each thread takes every n-th unit, so that it keeps one accumulator for all of them.
  const std::size_t num_threads =
      std::min(context.pool.num_threads() + 1, std::max<std::size_t>(1, scan.num_units()));
  std::vector<Gatherer> gatherers;
  gatherers.reserve(num_threads);
  for (std::size_t i = 0; i < num_threads; ++i)
    gatherers.emplace_back(aggregation, pipeline, grouping, window, limits);
  const bool by_counts = can_use_counts(aggregation, pipeline, grouping, context.grid);
  std::vector<Result<void>> results(num_threads);
  parallel_for(context.pool, num_threads, [&](std::size_t thread) {
    for (std::size_t unit = thread; unit < scan.num_units() && results[thread];
         unit += num_threads) {
      if (by_counts) {
        const auto counts = scan.counts(unit);
        if (counts && groups_by_stream(*counts, *grouping)) {
          results[thread] = gatherers[thread].add(*counts);
          continue;
        }
      }
      auto rows = scan.read(unit, context.deadline);
      results[thread] = rows ? gatherers[thread].add(scan.unit(unit), *rows)
                             : Result<void>(fail(std::move(rows).error()));
    }
  });
  for (const Result<void>& result : results) LIVEDATA_RETURN_IF_ERROR(result);

  add_scan_stats(scan, context.stats);
  for (std::size_t i = 0; i < num_threads; ++i) {
    context.stats.bytes_processed += gatherers[i].bytes();
    context.stats.lines_processed += gatherers[i].lines();
    context.stats.lines_matched += gatherers[i].matched();
    if (i > 0 && !gatherers[0].accumulator().merge(std::move(gatherers[i].accumulator()))) {
      return fail(ErrorCode::kInvalidArgument, "the query makes more than {} series; group them",
                  context.limits.max_series);
    }
  }
  const double seconds = static_cast<double>(aggregation.range_ns) / 1e9;
  return gatherers[0].accumulator().finish(is_per_second(aggregation.operation) ? 1 / seconds : 1);
}

}  // namespace livedata::query::logql
