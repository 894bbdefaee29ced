#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/clock.h"
#include "base/mutex.h"

namespace livedata::ingest::pipeline {

/// Token buckets by key: each takes `burst` events at once and `rate` of them in a second. Beyond
/// 10,000 keys that are busy, further ones share a bucket. Thread-safe.
class RateLimiter {
 public:
  RateLimiter(double rate, double burst) : rate_(rate), burst_(burst) {}

  /// Whether one more event is within the rate at this time.
  bool take(std::uint64_t key, TimestampNs now);

 private:
  struct Bucket {
    double tokens = 0;
    TimestampNs filled_at = 0;
  };
  Bucket& bucket_of(std::uint64_t key, TimestampNs now) LIVEDATA_REQUIRES(mutex_);
  /// The tokens of a bucket by now.
  [[nodiscard]] double tokens_of(const Bucket& bucket, TimestampNs now) const;

  const double rate_;
  const double burst_;
  Mutex mutex_;
  std::unordered_map<std::uint64_t, Bucket> buckets_ LIVEDATA_GUARDED_BY(mutex_);
  TimestampNs next_purge_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata::ingest::pipeline
