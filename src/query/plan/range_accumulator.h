#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "query/plan/memory_budget.h"
#include "query/plan/step_series.h"

namespace livedata::query::plan {

enum class RangeFunction {
  kCount,  ///< values are added up; of unwrapped or counted samples
  kSum,
  kAvg,
  kMin,
  kMax,
  kFirst,
  kLast,
  kStddev,
  kStdvar,
  kCounterIncrease,  ///< last minus first, resets made up for
  kQuantile,
  kCountDistinct,  ///< values are hashes, by their bits
};

struct RangeWindow {
  StepGrid grid;
  std::int64_t range = 0;  ///< a step at t covers (t - offset - range, t - offset]
  std::int64_t offset = 0;
};

/// Gathers samples into one aggregate per series and step, in one pass over samples in any order.
/// Parts that were gathered by several threads are merged. Not thread-safe.
class RangeAccumulator {
 public:
  /// `quantile` is for kQuantile. The budget must outlive the accumulator.
  RangeAccumulator(RangeFunction function, double quantile, const RangeWindow& window,
                   MemoryBudget& budget)
      : function_(function), quantile_(quantile), window_(window), budget_(&budget) {}

  /// Where the samples of one series go. Valid until the accumulator is destroyed.
  class Cells;
  /// Finds or makes a series by a key that is unique to its labels; make_labels is called for a new
  /// one.
  template <class MakeLabels>
  Result<Cells*> series(const std::string& key, const MakeLabels& make_labels) {
    if (const auto found = series_.find(key); found != series_.end()) return &found->second;
    return add_series(key, make_labels());
  }

  Result<void> add(Cells& series, TimestampNs time, double value) const;
  Result<void> merge(RangeAccumulator&& other);
  /// Values divided by `divisor`, sorted by labels.
  [[nodiscard]] StepVector finish(double divisor);

 private:
  /// An aggregate of one window; what the members mean depends on the function.
  struct Cell {
    double value = 0;        // sum, minimum, ..., mean
    std::int64_t count = 0;  // of samples; kFirst, kLast: 0 or 1
    double m2 = 0;           // kStddev, kStdvar: squared distances from the mean
    TimestampNs time = 0;    // kFirst, kLast: of the sample kept
  };
  struct TimedValue {
    TimestampNs time = 0;
    double value = 0;
  };
  /// Of a running sum, and of the number of samples in it.
  struct Change {
    double value = 0;
    std::int64_t count = 0;
  };

 public:
  class Cells {
   public:
    explicit Cells(Labels labels) : labels_(std::move(labels)) {}

   private:
    friend class RangeAccumulator;
    Labels labels_;
    std::size_t first_ = 0;            // step of cells_[0]
    std::vector<Change> changes_;      // kCount: from step to step
    std::vector<Cell> cells_;          // other functions that can be kept up to date
    std::vector<TimedValue> samples_;  // those that need all samples
  };

 private:
  Result<Cells*> add_series(const std::string& key, Labels labels);
  /// Whether a function needs the samples themselves.
  [[nodiscard]] bool keeps_samples() const { return function_ >= RangeFunction::kCounterIncrease; }
  template <class T>
  Result<void> cover(std::vector<T>& cells, std::size_t& start, std::size_t first,
                     std::size_t end) const;
  /// Steps first..end whose window a sample of this time is in; empty where first >= end.
  [[nodiscard]] std::pair<std::size_t, std::size_t> steps_of(TimestampNs time) const;
  void update(Cell& cell, const Cell& other) const;
  [[nodiscard]] double result(const Cell& cell) const;
  void finish_samples(Cells& cells, double divisor, StepSeries& out) const;
  [[nodiscard]] double result(std::vector<TimedValue>& window) const;

  RangeFunction function_;
  double quantile_;
  RangeWindow window_;
  MemoryBudget* budget_;
  std::unordered_map<std::string, Cells> series_;
};

/// Prometheus' quantile of values in any order, which are reordered: linear between neighbours,
/// infinite beyond 0 and 1.
double quantile_of(double quantile, std::vector<double>& values);

}  // namespace livedata::query::plan
