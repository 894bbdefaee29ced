#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"

namespace livedata::query::plan {

/// The times at which a metric query is evaluated: start, start + step, ... up to end.
struct StepGrid {
  TimestampNs start = 0;
  std::int64_t step = 1;  ///< ns, positive
  std::size_t count = 1;

  [[nodiscard]] TimestampNs at(std::size_t i) const {
    return start + static_cast<std::int64_t>(i) * step;
  }
};

/// A series with a value, or none, at each step of a grid. Memory is taken for the steps between
/// the first and the last value only, so that many short series cost little.
class StepSeries {
 public:
  Labels labels;

  explicit StepSeries(Labels l = {}) : labels(std::move(l)) {}

  /// Steps that may have a value: from begin_step() on, before end_step().
  [[nodiscard]] std::size_t begin_step() const { return first_; }
  [[nodiscard]] std::size_t end_step() const { return first_ + values_.size(); }
  [[nodiscard]] bool has(std::size_t step) const {
    return step >= first_ && step < end_step() && !is_absent(values_[step - first_]);
  }
  /// Precondition: has(step).
  [[nodiscard]] double value(std::size_t step) const { return values_[step - first_]; }
  [[nodiscard]] bool empty() const {
    return std::all_of(values_.begin(), values_.end(), is_absent);
  }

  void set(std::size_t step, double value) {
    if (values_.empty()) first_ = step;
    if (step < first_) {
      values_.insert(values_.begin(), first_ - step, absent());
      first_ = step;
    }
    if (step >= end_step()) values_.resize(step - first_ + 1, absent());
    values_[step - first_] = value;
  }
  void clear(std::size_t step) {
    if (step >= first_ && step < end_step()) values_[step - first_] = absent();
  }
  [[nodiscard]] std::size_t size_bytes() const { return values_.capacity() * sizeof(double); }

 private:
  // A NaN that no arithmetic makes stands for no value.
  static constexpr std::uint64_t kAbsentBits = 0x7FF8AB5E47000000ULL;
  static double absent() { return std::bit_cast<double>(kAbsentBits); }
  static bool is_absent(double value) { return std::bit_cast<std::uint64_t>(value) == kAbsentBits; }

  std::size_t first_ = 0;
  std::vector<double> values_;
};
using StepVector = std::vector<StepSeries>;

/// Takes away the series without any value.
inline void drop_empty(StepVector& vector) {
  std::erase_if(vector, [](const StepSeries& series) { return series.empty(); });
}

/// Makes one series of those with equal labels that have no step in common, since each step stands
/// for itself. Series that share a step stay as they are.
void merge_equal(StepVector& vector);

/// The labels that a grouping leaves: those named (by), or all but those named (without).
Labels grouped_labels(const Labels& labels, const std::vector<std::string>& names, bool without);

}  // namespace livedata::query::plan
