#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include "base/mutex.h"
#include "base/result.h"
#include "storage/segment/segment_metadata.h"

namespace livedata::storage::segment {

/// Keeps the metadata of the segments that were used last, up to a number of bytes, so that memory
/// does not grow with the number of segments on disk. Thread-safe.
class MetadataCache {
 public:
  using Metadata = std::shared_ptr<const SegmentMetadata>;
  using Load = std::function<Result<Metadata>()>;

  explicit MetadataCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// The metadata of `segment`, by its id, loaded when it is not there. Two callers at the same
  /// time may both load.
  Result<Metadata> get(std::uint64_t segment, const Load& load) LIVEDATA_EXCLUDES(mutex_);
  void forget(std::uint64_t segment) LIVEDATA_EXCLUDES(mutex_);
  /// An id that no other segment of this cache has.
  std::uint64_t next_id() LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t size_bytes() const LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::uint64_t segment = 0;
    Metadata metadata;
    std::size_t bytes = 0;
  };
  void evict() LIVEDATA_REQUIRES(mutex_);

  const std::size_t max_bytes_;
  mutable Mutex mutex_;
  std::uint64_t last_id_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::list<Entry> entries_ LIVEDATA_GUARDED_BY(mutex_);  // the one used last in front
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_segment_
      LIVEDATA_GUARDED_BY(mutex_);
  std::size_t size_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata::storage::segment
