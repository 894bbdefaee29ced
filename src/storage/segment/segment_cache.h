#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>

#include "base/mutex.h"
#include "base/result.h"

namespace livedata::storage::segment {

/// Keeps what was read last of segments, their metadata and the filters of their blocks, up to a
/// number of bytes, so that memory does not grow with the number of segments on disk. Thread-safe.
class SegmentCache {
 public:
  /// What is kept: a block's filter by the block's offset, or the metadata.
  static constexpr std::uint64_t kMetadata = ~std::uint64_t{0};
  struct Key {
    std::uint64_t segment = 0;
    std::uint64_t place = kMetadata;
    auto operator<=>(const Key&) const = default;
  };

  explicit SegmentCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// The value of a key, loaded when it is not there. Two callers at the same time may both load.
  /// Precondition: a place always has the same type.
  template <class T, class Load>
  Result<std::shared_ptr<const T>> get(const Key& key, const Load& load) LIVEDATA_EXCLUDES(mutex_) {
    if (auto found = find(key); found != nullptr) return std::static_pointer_cast<const T>(found);
    Result<std::shared_ptr<const T>> loaded = load();
    if (loaded && *loaded != nullptr) insert(key, *loaded, (*loaded)->size_bytes());
    return loaded;
  }
  /// Everything of a segment.
  void forget(std::uint64_t segment) LIVEDATA_EXCLUDES(mutex_);
  /// An id that no other segment of this cache has.
  std::uint64_t next_id() LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t size_bytes() const LIVEDATA_EXCLUDES(mutex_);

 private:
  using Value = std::shared_ptr<const void>;
  struct Entry {
    Key key;
    Value value;
    std::size_t bytes = 0;
  };
  Value find(const Key& key) LIVEDATA_EXCLUDES(mutex_);
  void insert(const Key& key, Value value, std::size_t bytes) LIVEDATA_EXCLUDES(mutex_);

  const std::size_t max_bytes_;
  mutable Mutex mutex_;
  std::uint64_t last_id_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::list<Entry> entries_ LIVEDATA_GUARDED_BY(mutex_);  // the one used last in front
  std::map<Key, std::list<Entry>::iterator> by_key_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t size_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata::storage::segment
