#include "ingest/pipeline/label_values.h"

#include <utility>

#include "base/hash.h"

namespace livedata::ingest::pipeline {
namespace {

constexpr TimestampNs kDay = 24 * 3600 * kNsPerSecond;

}  // namespace

LabelValues::Admission LabelValues::admit(std::string_view value, TimestampNs now,
                                          bool only_known) {
  const std::uint64_t hash = hash64(value) | 1U;  // never 0
  const bool same_day = now < day_end_.load(std::memory_order_relaxed);
  if (same_day && recent_[(hash >> 1U) % recent_.size()].load(std::memory_order_relaxed) == hash)
    return Admission::kKnown;
  return admit_slowly(hash, now, only_known);
}

LabelValues::Admission LabelValues::admit_slowly(std::uint64_t hash, TimestampNs now,
                                                 bool only_known) {
  const MutexLock lock(mutex_);
  if (now >= day_end_.load(std::memory_order_relaxed)) {
    day_end_.store(now + kDay, std::memory_order_relaxed);
    values_.clear();
    told_ = false;
    for (auto& recent : recent_) recent.store(0, std::memory_order_relaxed);
  }
  const bool is_known = values_.contains(hash);
  if (!is_known && (only_known || values_.size() >= max_values_)) {
    const bool told_before = std::exchange(told_, true);
    return told_before ? Admission::kRefused : Admission::kFirstRefused;
  }
  if (!is_known) values_.insert(hash);
  recent_[(hash >> 1U) % recent_.size()].store(hash, std::memory_order_relaxed);
  return is_known ? Admission::kKnown : Admission::kNew;
}

}  // namespace livedata::ingest::pipeline
