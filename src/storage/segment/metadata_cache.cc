#include "storage/segment/metadata_cache.h"

namespace livedata::storage::segment {

Result<MetadataCache::Metadata> MetadataCache::get(std::uint64_t segment, const Load& load) {
  {
    const MutexLock lock(mutex_);
    if (const auto found = by_segment_.find(segment); found != by_segment_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->metadata;
    }
  }
  LIVEDATA_TRY(Metadata loaded, load());
  const MutexLock lock(mutex_);
  if (by_segment_.contains(segment)) return loaded;
  const std::size_t bytes = loaded->size_bytes();
  entries_.push_front({segment, loaded, bytes});
  by_segment_[segment] = entries_.begin();
  size_bytes_ += bytes;
  evict();
  return loaded;
}

void MetadataCache::evict() {
  // The entry in front is in use, however large it is.
  while (size_bytes_ > max_bytes_ && entries_.size() > 1) {
    size_bytes_ -= entries_.back().bytes;
    by_segment_.erase(entries_.back().segment);
    entries_.pop_back();
  }
}

void MetadataCache::forget(std::uint64_t segment) {
  const MutexLock lock(mutex_);
  const auto found = by_segment_.find(segment);
  if (found == by_segment_.end()) return;
  size_bytes_ -= found->second->bytes;
  entries_.erase(found->second);
  by_segment_.erase(found);
}

std::uint64_t MetadataCache::next_id() {
  const MutexLock lock(mutex_);
  return ++last_id_;
}

std::size_t MetadataCache::size_bytes() const {
  const MutexLock lock(mutex_);
  return size_bytes_;
}

}  // namespace livedata::storage::segment
