#pragma once

#include <string>
#include <vector>

#include "query/plan/step_series.h"

namespace livedata::query::plan {

enum class VectorFunction { kSum, kAvg, kMin, kMax, kCount, kStddev, kStdvar };

/// Aggregates the series of each group, step by step. Sorted by labels.
StepVector aggregate(const StepVector& input, VectorFunction function,
                     const std::vector<std::string>& names, bool without);

/// Keeps the k largest or smallest values of each group and step. Ties go by labels.
StepVector keep_extremes(StepVector input, std::size_t k, bool largest,
                         const std::vector<std::string>& names, bool without);

}  // namespace livedata::query::plan
