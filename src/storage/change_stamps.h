#pragma once

#include <cstdint>
#include <map>

#include "base/mutex.h"
#include "model/time_range.h"

namespace livedata::storage {

/// Tells whether the records of a time range are the same as before: a stamp is a number that grows
/// with every change of the range. Kept by the hour. Thread-safe.
class ChangeStamps {
 public:
  /// Records of these times (inclusive) have come, and are visible.
  void add(TimestampNs first, TimestampNs last) LIVEDATA_EXCLUDES(mutex_);
  /// Any record may have gone or come back.
  void change_all() LIVEDATA_EXCLUDES(mutex_);
  /// The stamp of a range. Whoever keeps a result under it must take it before he reads.
  [[nodiscard]] std::uint64_t of(const TimeRange& range) const LIVEDATA_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::uint64_t last_ LIVEDATA_GUARDED_BY(mutex_) = 1;
  std::uint64_t last_of_all_ LIVEDATA_GUARDED_BY(mutex_) = 1;  // 0: an unknown tenant's
  std::map<std::int64_t, std::uint64_t> by_hour_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::storage
