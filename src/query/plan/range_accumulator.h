#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "query/plan/step_series.h"

namespace livedata::query::plan {

enum class RangeFunction { kCount, kSum, kAvg, kMin, kMax, kFirst, kLast };

struct RangeWindow {
  StepGrid grid;
  std::int64_t range = 0;  ///< a step at t covers (t - offset - range, t - offset]
  std::int64_t offset = 0;
};

/// Bounds of what one metric query may keep in memory.
struct SeriesLimits {
  std::size_t max_series = 10000;
  std::size_t max_cells = 20'000'000;  ///< series times steps
};

/// Gathers samples into one aggregate per series and step, in one pass over samples in any order.
/// Parts that were gathered by several threads are merged. Not thread-safe.
class RangeAccumulator {
 public:
  RangeAccumulator(RangeFunction function, const RangeWindow& window, const SeriesLimits& limits)
      : function_(function), window_(window), limits_(limits) {}

  /// Where the samples of one series go. Valid until the accumulator is destroyed.
  class SeriesCells;
  /// Finds or makes a series by a key that is unique to its labels; make_labels is called for a new
  /// one. Null when there are too many.
  template <class MakeLabels>
  SeriesCells* series(const std::string& key, const MakeLabels& make_labels) {
    if (const auto found = series_.find(key); found != series_.end()) return &found->second;
    if (is_full()) return nullptr;
    return &series_.emplace(key, SeriesCells(make_labels(), window_.grid.count)).first->second;
  }

  void add(SeriesCells& series, TimestampNs time, double value) const;
  /// False when there are too many series.
  bool merge(RangeAccumulator&& other);
  /// Values times `factor`, sorted by labels.
  [[nodiscard]] StepVector finish(double factor);
  [[nodiscard]] bool is_full() const {
    return series_.size() >= limits_.max_series ||
           (series_.size() + 1) * window_.grid.count > limits_.max_cells;
  }

 private:
  struct Cell {
    double value = 0;
    std::int64_t extra =
        0;  // kSum, kAvg, kMin, kMax: number of samples; kFirst, kLast: time of the sample kept
  };

 public:
  class SeriesCells {
   public:
    SeriesCells(Labels labels, std::size_t num_steps)
        : labels_(std::move(labels)), cells_(num_steps + 1) {}

   private:
    friend class RangeAccumulator;
    Labels labels_;
    std::vector<Cell> cells_;
  };

 private:
  void update(Cell& cell, TimestampNs time, double value, std::int64_t count) const;

  RangeFunction function_;
  RangeWindow window_;
  SeriesLimits limits_;
  std::unordered_map<std::string, SeriesCells> series_;
};

}  // namespace livedata::query::plan
