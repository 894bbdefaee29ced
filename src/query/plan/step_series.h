#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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

/// A series with a value, or none, at each step of a grid.
struct StepSeries {
  Labels labels;
  std::vector<double> values;
  std::vector<bool> present;

  explicit StepSeries(Labels l = {}, std::size_t count = 0)
      : labels(std::move(l)), values(count), present(count) {}
  void set(std::size_t step, double value) {
    values[step] = value;
    present[step] = true;
  }
};
using StepVector = std::vector<StepSeries>;

/// The labels that a grouping leaves: those named (by), or all but those named (without).
Labels grouped_labels(const Labels& labels, const std::vector<std::string>& names, bool without);

enum class VectorFunction { kSum, kAvg, kMin, kMax, kCount, kStddev, kStdvar };

/// Aggregates the series of each group, step by step.
StepVector aggregate(const StepVector& input, VectorFunction function,
                     const std::vector<std::string>& names, bool without, std::size_t num_steps);

/// Keeps the k largest or smallest values of each group and step. Ties go by labels.
StepVector keep_extremes(StepVector input, std::size_t k, bool largest,
                         const std::vector<std::string>& names, bool without,
                         std::size_t num_steps);

/// Applies `combine` where both sides have a value; series match on equal label sets. Returns no
/// value where combine says so.
using Combine = std::function<bool(double left, double right, double& out)>;
StepVector combine_matching(const StepVector& left, const StepVector& right,
                            const Combine& combine);
StepVector combine_scalar(StepVector vector, double scalar, bool scalar_is_left,
                          const Combine& combine);

/// `and`, `unless` and `or` on equal label sets.
StepVector set_operation(StepVector left, StepVector right, char operation);

}  // namespace livedata::query::plan
