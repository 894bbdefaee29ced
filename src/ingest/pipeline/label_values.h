#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "base/mutex.h"

namespace livedata::ingest::pipeline {

/// Counts how many values a label had within a day, up to a limit. A value that was admitted stays
/// so for the day. Thread-safe; what was seen lately is found without a lock.
class LabelValues {
 public:
  explicit LabelValues(std::size_t max_values) : max_values_(max_values) {}

  enum class Admission { kKnown, kNew, kRefused, kFirstRefused };
  /// Whether the label may have this value; `only_known`: only if it had it before. kFirstRefused
  /// once a day.
  Admission admit(std::string_view value, TimestampNs now, bool only_known = false);

 private:
  Admission admit_slowly(std::uint64_t hash, TimestampNs now, bool only_known);

  const std::size_t max_values_;
  std::array<std::atomic<std::uint64_t>, 256> recent_{};  // by the hash's lowest bits; 0: none
  std::atomic<TimestampNs> day_end_{0};
  Mutex mutex_;
  std::unordered_set<std::uint64_t> values_ LIVEDATA_GUARDED_BY(mutex_);
  bool told_ LIVEDATA_GUARDED_BY(mutex_) = false;
};

}  // namespace livedata::ingest::pipeline
