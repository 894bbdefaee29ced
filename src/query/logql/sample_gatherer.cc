#include "query/logql/sample_gatherer.h"

#include <algorithm>
#include <bit>

#include "base/hash.h"

namespace livedata::query::logql {
namespace {

constexpr std::int64_t kMinuteNs = 60 * kNsPerSecond;

plan::RangeFunction function_of(const RangeAggregation& aggregation) {
  switch (aggregation.operation) {
    case RangeOperation::kRate:
      return aggregation.unwrap ? plan::RangeFunction::kSum : plan::RangeFunction::kCount;
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
    case RangeOperation::kStddevOverTime:
      return plan::RangeFunction::kStddev;
    case RangeOperation::kStdvarOverTime:
      return plan::RangeFunction::kStdvar;
    case RangeOperation::kRateCounter:
      return plan::RangeFunction::kCounterIncrease;
    case RangeOperation::kQuantileOverTime:
      return plan::RangeFunction::kQuantile;
    case RangeOperation::kCountDistinctOverTime:
      return plan::RangeFunction::kCountDistinct;
    default:
      return plan::RangeFunction::kCount;
  }
}

bool counts_bytes(RangeOperation operation) {
  return operation == RangeOperation::kBytesOverTime || operation == RangeOperation::kBytesRate;
}

void append_key(std::string_view name, std::string_view value, std::string& key) {
  key.append(name);
  key += '\0';
  key.append(value);
  key += '\0';
}

}  // namespace

Result<SampleSource> make_sample_source(const RangeAggregation& aggregation,
                                        const Pipeline& pipeline, const Grouping* grouping,
                                        const StepContext& context) {
  SampleSource source{aggregation, pipeline, {}, grouping, pipeline.labels_read()};
  const bool by_names = grouping != nullptr && !grouping->without;
  if (!by_names) source.wanted.reset();
  const auto want = [&](const std::string& name) {
    if (source.wanted) source.wanted->add(name);
  };
  if (by_names) std::for_each(grouping->names.begin(), grouping->names.end(), want);
  if (aggregation.operation == RangeOperation::kCountDistinctOverTime)
    want(aggregation.distinct_label);
  if (!aggregation.unwrap) return source;
  const Unwrap& unwrap = aggregation.unwrap.value();
  want(unwrap.name);
  const std::vector<Stage> filters(unwrap.filters.begin(), unwrap.filters.end());
  for (const LabelFilter& filter : unwrap.filters) {
    LIVEDATA_TRY(Step step, make_step(filter, context));
    source.filters_behind_unwrap.push_back(std::move(step));
  }
  LIVEDATA_TRY(const Pipeline behind, Pipeline::compile(filters, context));
  if (const auto& read = behind.labels_read()) {
    for (const std::string& name : read->names()) want(name);
  }
  return source;
}

SampleGatherer::SampleGatherer(const SampleSource& source, const plan::RangeWindow& window,
                               plan::MemoryBudget& budget, bool counts_steps)
    : source_(source),
      accumulator_(function_of(source.aggregation), source.aggregation.quantile, window, budget),
      counts_steps_(counts_steps),
      step_counts_(source.pipeline.step_texts().size()) {
  row_.want(source.wanted ? &*source.wanted : nullptr);
}

bool SampleGatherer::run_pipeline() {
  return counts_steps_ ? source_.pipeline.run_counted(row_, step_counts_)
                       : source_.pipeline.run(row_);
}

Result<void> SampleGatherer::add(const storage::ScanUnitInfo& unit, const storage::ScanRows& rows) {
  if (rows.batch == nullptr) return {};
  bytes_ += unit.raw_bytes;
  lines_ += unit.num_rows;
  series_of_stream_.assign(rows.batch->streams().size(), nullptr);
  for (const RowIndex index : rows.rows) {
    row_.reset(*rows.batch, index);
    if (run_pipeline()) LIVEDATA_RETURN_IF_ERROR(add_sample());
  }
  return {};
}

Result<void> SampleGatherer::add(const storage::ScanCounts& counts) {
  const std::vector<std::string>& names = source_.grouping->names;
  for (const storage::ScanCounts::Count& count : counts.counts) {
    const Labels& labels = counts.streams[count.stream]->labels;
    const std::string& level = counts.levels[count.level];
    const auto value_of = [&](const std::string& name) {
      return name == kLevelLabel && !labels.has(name) ? std::string_view(level) : labels.get(name);
    };
    key_.clear();
    for (const std::string& name : names) append_key(name, value_of(name), key_);
    LIVEDATA_TRY(Cells * cells, accumulator_.series(key_, [&] {
      std::vector<Label> found;
      for (const std::string& name : names) found.push_back({name, std::string(value_of(name))});
      return Labels(std::move(found));
    }));
    LIVEDATA_RETURN_IF_ERROR(accumulator_.add(*cells, (count.minute + 1) * kMinuteNs, count.rows));
    lines_ += count.rows;
    matched_ += count.rows;
  }
  return {};
}

std::optional<double> SampleGatherer::sample_value() {
  const RangeAggregation& aggregation = source_.aggregation;
  if (aggregation.operation == RangeOperation::kCountDistinctOverTime) {
    const auto value = row_.find(aggregation.distinct_label);
    if (!value) return std::nullopt;
    return std::bit_cast<double>(hash128(to_string(*value)).low);
  }
  if (!aggregation.unwrap)
    return counts_bytes(aggregation.operation) ? static_cast<double>(row_.line().size()) : 1;
  const auto label = row_.find(aggregation.unwrap->name);
  const auto* text = label ? std::get_if<std::string_view>(&*label) : nullptr;
  if (!label || (text != nullptr && text->empty())) return std::nullopt;  // no sample, as in Loki
  const auto number = unwrapped(*label, aggregation.unwrap->conversion);
  if (!number) {
    row_.set_error("SampleExtractionErr", fmt::format("'{}' is not a number", to_string(*label)));
  }
  return number.value_or(0);
}

tl::unexpected<Error> SampleGatherer::pipeline_error() const {
  return fail(ErrorCode::kInvalidArgument,
              "pipeline error: '{}' for series: '{}'; add | __error__=\"\" to leave such lines out",
              row_.error(), Labels(row_.all_labels()).to_string());
}

Result<void> SampleGatherer::add_sample() {
  const auto value = sample_value();
  if (!value) return {};
  const auto& filters = source_.filters_behind_unwrap;
  if (!std::all_of(filters.begin(), filters.end(), [this](const Step& f) { return f(row_); }))
    return {};
  if (row_.has_error()) return pipeline_error();
  LIVEDATA_TRY(Cells * cells, find_series());
  ++matched_;
  return accumulator_.add(*cells, row_.timestamp(), *value);
}

/// Whether a series depends on the row's stream alone: then it is looked up once per stream and
/// batch.
bool SampleGatherer::by_stream_labels_only() const {
  const Grouping* grouping = source_.grouping;
  if (grouping == nullptr || grouping->without || source_.pipeline.changes_labels()) return false;
  const Labels& labels = row_.stream().labels;
  const auto columns = row_.batch().field_columns();
  return std::all_of(grouping->names.begin(), grouping->names.end(), [&](const std::string& name) {
    return labels.has(name) || std::none_of(columns.begin(), columns.end(),
                                            [&](const FieldColumn& c) { return c.name == name; });
  });
}

Result<SampleGatherer::Cells*> SampleGatherer::find_series() {
  auto*& cached = series_of_stream_[row_.batch().stream_ordinals()[row_.index()]];
  if (cached != nullptr) return cached;
  key_.clear();
  Cells* cells = nullptr;
  if (source_.grouping != nullptr && !source_.grouping->without) {
    LIVEDATA_TRY(cells, find_grouped_series());
  } else {
    Labels labels(series_labels());
    for (const Label& label : labels) append_key(label.name, label.value, key_);
    LIVEDATA_TRY(cells, accumulator_.series(key_, [&] { return std::move(labels); }));
  }
  if (by_stream_labels_only()) cached = cells;
  return cells;
}

Result<SampleGatherer::Cells*> SampleGatherer::find_grouped_series() {
  const std::vector<std::string>& names = source_.grouping->names;
  for (const std::string& name : names) {
    const auto value = row_.find(name);
    const auto* text = value ? std::get_if<std::string_view>(&*value) : nullptr;
    if (!value || text != nullptr) {
      append_key(name, text == nullptr ? std::string_view() : *text, key_);
    } else {
      append_key(name, to_string(*value), key_);
    }
  }
  return accumulator_.series(key_, [&] {
    std::vector<Label> labels;
    for (const std::string& name : names) {
      if (const auto value = row_.find(name)) labels.push_back({name, to_string(*value)});
    }
    return Labels(std::move(labels));
  });
}

/// All labels but the unwrapped one and, with `without`, those named.
std::vector<Label> SampleGatherer::series_labels() const {
  std::vector<Label> labels = row_.all_labels();
  std::erase_if(labels, [&](const Label& label) {
    if (source_.aggregation.unwrap && label.name == source_.aggregation.unwrap->name) return true;
    return source_.grouping != nullptr &&
           std::find(source_.grouping->names.begin(), source_.grouping->names.end(), label.name) !=
               source_.grouping->names.end();
  });
  return labels;
}

}  // namespace livedata::query::logql
