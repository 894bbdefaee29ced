#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/lru_cache.h"
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

  explicit SegmentCache(std::size_t max_bytes) : values_(max_bytes) {}

  /// The value of a key, loaded when it is not there. Two callers at the same time may both load.
  /// Precondition: a place always has the same type.
  template <class T, class Load>
  Result<std::shared_ptr<const T>> get(const Key& key, const Load& load) {
    if (auto found = values_.find(key); found != nullptr)
      return std::static_pointer_cast<const T>(std::move(found));
    Result<std::shared_ptr<const T>> loaded = load();
    if (loaded && *loaded != nullptr) values_.insert(key, *loaded, (*loaded)->size_bytes());
    return loaded;
  }
  /// Everything of a segment.
  void forget(std::uint64_t segment) {
    values_.forget({segment, 0}, [segment](const Key& key) { return key.segment == segment; });
  }
  /// An id that no other segment of this cache has.
  std::uint64_t next_id() { return ++last_id_; }
  [[nodiscard]] std::size_t size_bytes() const { return values_.size_bytes(); }

 private:
  LruCache<Key, void> values_;
  std::atomic<std::uint64_t> last_id_ = 0;
};

}  // namespace livedata::storage::segment
