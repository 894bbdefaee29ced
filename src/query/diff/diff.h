#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/time_range.h"
#include "query/around/context.h"
#include "query/diff/finding.h"

namespace livedata::query::diff {

/// What is compared: records of one query in two ranges of time, or within one range those that
/// pass further stages with the rest.
struct Question {
  std::string query = "{service_name=~\".+\"}";  ///< a log query
  std::string selection = {};  ///< LogQL stages, "| json | status >= 500"; "": time
  TimeRange before = {};       ///< not used with a selection
  TimeRange after = {};
  std::size_t limit = 20;          ///< findings of each kind
  std::size_t max_rows = 300'000;  ///< looked at on either side; beyond that a sample
};

struct Answer {
  Against against = Against::kTime;
  /// Records of either side, about; before is the rest.
  double records_before = 0;
  double records_after = 0;
  bool is_sample = false;
  /// By kind (patterns, fields, numbers, metrics, processes), and by score within one.
  std::vector<Finding> findings;
};

/// What is different. Metrics and processes are compared where two ranges are, and the query is
/// about all streams or the ones of hosts. kInvalidArgument for a query that is none.
Result<Answer> compare(const around::Context& context, const Question& question);

}  // namespace livedata::query::diff
