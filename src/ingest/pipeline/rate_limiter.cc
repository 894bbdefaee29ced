#include "ingest/pipeline/rate_limiter.h"

#include <algorithm>

namespace livedata::ingest::pipeline {
namespace {

constexpr std::size_t kMaxBuckets = 10'000;
constexpr std::uint64_t kSharedKey = 0;

}  // namespace

double RateLimiter::tokens_of(const Bucket& bucket, TimestampNs now) const {
  // A clock that goes back brings no tokens and takes none.
  const double seconds = static_cast<double>(std::max<TimestampNs>(now - bucket.filled_at, 0)) /
                         static_cast<double>(kNsPerSecond);
  return std::min(burst_, bucket.tokens + seconds * rate_);
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::uint64_t key, TimestampNs now) {
  if (const auto found = buckets_.find(key); found != buckets_.end()) return found->second;
  if (buckets_.size() >= kMaxBuckets && now >= next_purge_) {
    next_purge_ = now + kNsPerSecond;
    // Full buckets are as good as new ones.
    std::erase_if(buckets_,
                  [&](const auto& entry) { return tokens_of(entry.second, now) >= burst_; });
  }
  const bool has_room = buckets_.size() < kMaxBuckets;
  const auto [slot, is_new] =
      buckets_.try_emplace(has_room ? key : kSharedKey, Bucket{burst_, now});
  return slot->second;
}

bool RateLimiter::take(std::uint64_t key, TimestampNs now) {
  const MutexLock lock(mutex_);
  Bucket& bucket = bucket_of(key, now);
  bucket = {tokens_of(bucket, now), now};
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace livedata::ingest::pipeline
