#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/logql/ast.h"
#include "query/logql/pipeline.h"
#include "query/plan/range_accumulator.h"
#include "storage/scan/scan.h"

namespace livedata::query::logql {

constexpr std::string_view kLevelLabel = "detected_level";

/// A range aggregation compiled: what its samples are, and which labels its series have.
struct SampleSource {
  const RangeAggregation& aggregation;
  const Pipeline& pipeline;
  std::vector<Step> filters_behind_unwrap;
  const Grouping* grouping = nullptr;  ///< null: every label set is a series
  /// Labels that stages, grouping and unwrap look at; nothing for all.
  std::optional<plan::WantedLabels> wanted;
};

Result<SampleSource> make_sample_source(const RangeAggregation& aggregation,
                                        const Pipeline& pipeline, const Grouping* grouping,
                                        const StepContext& context);

/// Turns rows into samples, for one thread.
class SampleGatherer {
 public:
  /// Everything given must outlive it.
  SampleGatherer(const SampleSource& source, const plan::RangeWindow& window,
                 plan::MemoryBudget& budget, bool counts_steps);

  Result<void> add(const storage::ScanUnitInfo& unit, const storage::ScanRows& rows);
  /// The same from counts alone. Precondition: they answer the aggregation.
  Result<void> add(const storage::ScanCounts& counts);

  [[nodiscard]] plan::RangeAccumulator& accumulator() { return accumulator_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] std::uint64_t matched() const { return matched_; }
  [[nodiscard]] const std::vector<StepCount>& step_counts() const { return step_counts_; }

 private:
  using Cells = plan::RangeAccumulator::Cells;

  bool run_pipeline();
  Result<void> add_sample();
  /// The sample's value, or nothing where the row gives none. May set an error on the row.
  std::optional<double> sample_value();
  [[nodiscard]] bool by_stream_labels_only() const;
  Result<Cells*> find_series();
  Result<Cells*> find_grouped_series();
  [[nodiscard]] std::vector<Label> series_labels() const;
  [[nodiscard]] tl::unexpected<Error> pipeline_error() const;

  const SampleSource& source_;
  plan::RangeAccumulator accumulator_;
  plan::Row row_;
  std::string key_;
  std::vector<Cells*> series_of_stream_;
  bool counts_steps_;
  std::vector<StepCount> step_counts_;
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t matched_ = 0;
};

}  // namespace livedata::query::logql
