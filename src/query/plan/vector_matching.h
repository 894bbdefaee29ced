#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/plan/step_series.h"

namespace livedata::query::plan {

/// Which series of two vectors belong together: those with the same values of the named labels, or
/// of all labels but those.
struct Matching {
  enum class Card { kOneToOne, kManyToOne, kOneToMany };
  bool on = false;
  std::vector<std::string> names = {};
  Card card = Card::kOneToOne;
  std::vector<std::string> include = {};  ///< labels that the many take over from the one
  bool keeps_labels = true;  ///< nothing was said of matching: results have the left one's labels
};

/// Gives a value where the operation has one (a comparison may have none).
using Combine = std::function<bool(double left, double right, double& out)>;

/// Combines matching series where both have a value. kInvalidArgument where a match is not unique.
Result<StepVector> combine_matching(const StepVector& left, const StepVector& right,
                                    const Matching& matching, const Combine& combine);
StepVector combine_scalar(StepVector vector, double scalar, bool scalar_is_left,
                          const Combine& combine);

enum class SetOperation { kAnd, kOr, kUnless };
StepVector set_operation(StepVector left, StepVector right, SetOperation operation,
                         const Matching& matching);

}  // namespace livedata::query::plan
