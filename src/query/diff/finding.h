#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace livedata::query::diff {

enum class FindingKind { kPattern, kField, kNumber, kMetric, kProcess };
/// "pattern", "field", "number", "metric", "process"
std::string_view name(FindingKind kind);

enum class Change { kNew, kGone, kMore, kLess };
/// "new", "gone", "more", "less"
std::string_view name(Change change);

/// What the first side of a comparison stands for.
enum class Against {
  kTime,  ///< another range of time: rates are compared
  kRest,  ///< the records that were not selected: shares are compared
};

/// One thing that is not as it was.
struct Finding {
  FindingKind kind = FindingKind::kPattern;
  Change change = Change::kMore;
  /// A pattern's level; a field's or a process's name; a metric as source.field.
  std::string name = {};
  /// The pattern, the field's value, a metric's host and device; of numbers ""
  std::string value = {};
  /// Records of either side, about; of numbers and metrics medians and means, of processes how
  /// many ended and started.
  double before = 0;
  double after = 0;
  /// The larger, the less it is chance. Of one scale within a kind.
  double score = 0;
  /// LogQL for the records that it is about; "" where it is not about logs.
  std::string query = {};
};

}  // namespace livedata::query::diff
