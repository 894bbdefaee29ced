#pragma once

#include <functional>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "model/label_matcher.h"
#include "model/tenant_scope.h"
#include "model/time_range.h"
#include "storage/store.h"

namespace livedata::query::explore {

/// Records of one stream within one minute.
struct VolumePart {
  StreamRef stream;
  TimestampNs time = 0;  ///< a time within the minute
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;  ///< of their lines
};

/// Calls visit for the records of the range whose streams meet the matchers. Blocks that lie wholly
/// in the range are known by their counts; of others the lines are read.
Result<void> for_volume(const storage::Store& store, const TenantScope& scope,
                        const TimeRange& range, const std::vector<LabelMatcher>& matchers,
                        const Deadline& deadline,
                        const std::function<void(const VolumePart&)>& visit);

/// How much there is, for Loki's index/stats.
struct VolumeTotal {
  std::uint64_t streams = 0;
  std::uint64_t blocks = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};
Result<VolumeTotal> total_volume(const storage::Store& store, const TenantScope& scope,
                                 const TimeRange& range, const std::vector<LabelMatcher>& matchers,
                                 const Deadline& deadline);

}  // namespace livedata::query::explore
