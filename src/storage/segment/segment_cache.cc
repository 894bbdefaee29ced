#include "storage/segment/segment_cache.h"

namespace livedata::storage::segment {

SegmentCache::Value SegmentCache::find(const Key& key) {
  const MutexLock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->value;
}

void SegmentCache::insert(const Key& key, Value value, std::size_t bytes) {
  const MutexLock lock(mutex_);
  if (by_key_.contains(key)) return;
  entries_.push_front({key, std::move(value), bytes});
  by_key_[key] = entries_.begin();
  size_bytes_ += bytes;
  // The entry in front is in use, however large it is.
  while (size_bytes_ > max_bytes_ && entries_.size() > 1) {
    size_bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

void SegmentCache::forget(std::uint64_t segment) {
  const MutexLock lock(mutex_);
  auto at = by_key_.lower_bound({segment, 0});
  while (at != by_key_.end() && at->first.segment == segment) {
    size_bytes_ -= at->second->bytes;
    entries_.erase(at->second);
    at = by_key_.erase(at);
  }
}

std::uint64_t SegmentCache::next_id() {
  const MutexLock lock(mutex_);
  return ++last_id_;
}

std::size_t SegmentCache::size_bytes() const {
  const MutexLock lock(mutex_);
  return size_bytes_;
}

}  // namespace livedata::storage::segment
