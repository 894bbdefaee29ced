#pragma once

#include <string>
#include <vector>

#include "model/time_range.h"
#include "query/around/context.h"
#include "query/diff/finding.h"

namespace livedata::query::diff {

/// Host metrics whose mean over `after` is not what is usual in `before`: the strongest field of
/// each source and device of every host.
Result<std::vector<Finding>> metric_moves(const around::Context& context, const TimeRange& before,
                                          const TimeRange& after);

/// Programs of which processes started or ended between the two ranges, by name and host: those
/// that ran only in one of the ranges, and were measured there.
Result<std::vector<Finding>> process_moves(const around::Context& context, const TimeRange& before,
                                           const TimeRange& after);

}  // namespace livedata::query::diff
