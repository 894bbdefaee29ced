#include "storage/change_stamps.h"

#include <algorithm>

namespace livedata::storage {
namespace {

constexpr std::int64_t kHourNs = 3600 * kNsPerSecond;
// A batch that is spread wider counts as a change of everything, and so does too long a list.
constexpr std::int64_t kMaxHoursOfBatch = 1000;
constexpr std::size_t kMaxHours = 100'000;

/// Rounded down, also before 1970.
std::int64_t hour_of(TimestampNs time) { return time / kHourNs - (time % kHourNs < 0 ? 1 : 0); }

}  // namespace

void ChangeStamps::add(TimestampNs first, TimestampNs last) {
  const std::int64_t end = hour_of(last);
  const MutexLock lock(mutex_);
  ++last_;
  if (end - hour_of(first) > kMaxHoursOfBatch || by_hour_.size() > kMaxHours) {
    last_of_all_ = last_;
    by_hour_.clear();
    return;
  }
  for (std::int64_t hour = hour_of(first); hour <= end; ++hour) by_hour_[hour] = last_;
}

void ChangeStamps::change_all() {
  const MutexLock lock(mutex_);
  last_of_all_ = ++last_;
}

std::uint64_t ChangeStamps::of(const TimeRange& range) const {
  const MutexLock lock(mutex_);
  std::uint64_t stamp = last_of_all_;
  if (range.empty()) return stamp;
  const auto end = by_hour_.upper_bound(hour_of(range.end - 1));
  for (auto at = by_hour_.lower_bound(hour_of(range.start)); at != end; ++at)
    stamp = std::max(stamp, at->second);
  return stamp;
}

}  // namespace livedata::storage
