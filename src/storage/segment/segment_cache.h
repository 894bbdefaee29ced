#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/lru_cache.h"
#include "base/result.h"
#include "model/record_batch.h"

namespace livedata::storage::segment {

/// Keeps what was read last of segments, up to numbers of bytes, so that memory does not grow with
/// the number of segments on disk: their metadata and the filters of their blocks, and apart from
/// them decoded blocks, which are much larger and are read again more rarely. Thread-safe.
class SegmentCache {
 public:
  /// What is kept: a block's filter by the block's offset, the metadata, or what was
  /// made from the whole segment.
  static constexpr std::uint64_t kMetadata = ~std::uint64_t{0};
  static constexpr std::uint64_t kDerived = kMetadata - 1;
  struct Key {
    std::uint64_t segment = 0;
    std::uint64_t place = kMetadata;
    auto operator<=>(const Key&) const = default;
  };

  SegmentCache(std::size_t max_metadata_bytes, std::size_t max_block_bytes)
      : max_block_bytes_(max_block_bytes), values_(max_metadata_bytes), blocks_(max_block_bytes) {}

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
  /// A decoded block by its offset; null if it is not there.
  std::shared_ptr<const RecordBatch> find_block(const Key& key) { return blocks_.find(key); }
  void keep_block(const Key& key, const std::shared_ptr<const RecordBatch>& block) {
    if (block->size_bytes() <= max_block_bytes_) blocks_.insert(key, block, block->size_bytes());
  }
  /// Everything of a segment.
  void forget(std::uint64_t segment) {
    const auto belongs = [segment](const Key& key) { return key.segment == segment; };
    values_.forget({segment, 0}, belongs);
    blocks_.forget({segment, 0}, belongs);
  }
  /// An id that no other segment of this cache has.
  std::uint64_t next_id() { return ++last_id_; }
  [[nodiscard]] std::size_t size_bytes() const { return values_.size_bytes(); }

 private:
  const std::size_t max_block_bytes_;
  LruCache<Key, void> values_;
  LruCache<Key, RecordBatch> blocks_;
  std::atomic<std::uint64_t> last_id_ = 0;
};

}  // namespace livedata::storage::segment
