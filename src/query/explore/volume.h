#pragma once

#include <functional>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "model/label_matcher.h"
#include "model/tenant_id.h"
#include "model/time_range.h"
#include "storage/store.h"

namespace livedata::query::explore {

/// Records of one stream within one minute.
struct VolumePart {
  StreamRef stream;
  TimestampNs time = 0;  ///< a time within the minute
  std::uint64_t rows = 0;
  double bytes = 0;  ///< of their lines
};

/// Calls visit for the records of the range whose streams meet the matchers. Reads no lines: where
/// a block holds several streams, its bytes are shared out by rows.
Result<void> for_volume(const storage::Store& store, const TenantId& tenant, const TimeRange& range,
                        const std::vector<LabelMatcher>& matchers, const Deadline& deadline,
                        const std::function<void(const VolumePart&)>& visit);

/// How much there is, for Loki's index/stats.
struct VolumeTotal {
  std::uint64_t streams = 0;
  std::uint64_t blocks = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};
Result<VolumeTotal> total_volume(const storage::Store& store, const TenantId& tenant,
                                 const TimeRange& range, const std::vector<LabelMatcher>& matchers,
                                 const Deadline& deadline);

}  // namespace livedata::query::explore
