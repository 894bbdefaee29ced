#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

namespace livedata::storage {

/// Numbers a stream within one segment.
using StreamOrdinal = std::uint32_t;

/// A set of stream ordinals as one bit each.
class StreamSet {
 public:
  explicit StreamSet(std::size_t num_streams, bool all = false);

  [[nodiscard]] bool contains(StreamOrdinal i) const {
    return (words_[i / 64] >> (i % 64) & 1U) != 0;
  }
  void insert(StreamOrdinal i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  void insert_range(StreamOrdinal first, StreamOrdinal last);  ///< both inclusive
  void remove(StreamOrdinal i) { words_[i / 64] &= ~(std::uint64_t{1} << (i % 64)); }
  void intersect(const StreamSet& other);
  [[nodiscard]] std::size_t num_streams() const { return num_streams_; }
  [[nodiscard]] bool empty() const;
  /// Whether any of first..last (inclusive) is in the set.
  [[nodiscard]] bool meets(StreamOrdinal first, StreamOrdinal last) const;
  [[nodiscard]] std::vector<StreamOrdinal> ordinals() const;

 private:
  std::size_t num_streams_;
  std::vector<std::uint64_t> words_;
};

/// A compressed set of ordinals as roaring bitmaps keep it (Lemire et al., "Roaring Bitmaps",
/// 2018): per 65,536 ordinals a sorted array, a bitmap or a list of runs, whichever is smallest.
/// Streams are sorted by labels, so most postings are a few runs. Immutable; thread-safe.
///
/// As bytes: varint containers, then per container: varint key, u8 kind, varint items, and by kind
///   1 array   items x varint distance to the one before
///   2 bitmap  1,024 x u64 (items: number of bits that are set)
///   3 runs    items x (varint gap behind the run before, varint length - 1)
class StreamBitmap {
 public:
  /// `ordinals` ascend strictly.
  static StreamBitmap build(std::span<const StreamOrdinal> ordinals);

  void add_to(StreamSet& set) const;
  /// Calls visit(ordinal) in ascending order.
  template <class Visit>
  void for_each(const Visit& visit) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t size_bytes() const;

  void encode(encoding::ByteWriter& out) const;
  /// kCorrupt for ordinals of num_streams or more.
  static Result<StreamBitmap> decode(encoding::ByteReader& in, std::size_t num_streams);

 private:
  enum class Kind : std::uint8_t { kArray = 1, kBitmap = 2, kRuns = 3 };
  struct Container {
    std::uint32_t key = 0;  // ordinal / 65,536
    Kind kind = Kind::kArray;
    std::vector<std::uint16_t> items = {};  // the ordinals, or first and last of each run
    std::vector<std::uint64_t> words = {};
  };

  static Container build_container(std::uint32_t key, std::span<const StreamOrdinal> ordinals);
  static bool decode_items(encoding::ByteReader& in, std::size_t count, Container& container);

  std::vector<Container> containers_;
};

template <class Visit>
void StreamBitmap::for_each(const Visit& visit) const {
  for (const Container& c : containers_) {
    const StreamOrdinal base = c.key << 16U;
    switch (c.kind) {
      case Kind::kArray:
        for (const std::uint16_t item : c.items) visit(base + item);
        break;
      case Kind::kBitmap:
        for (StreamOrdinal i = 0; i < 65'536; ++i) {
          if ((c.words[i / 64] >> (i % 64) & 1U) != 0) visit(base + i);
        }
        break;
      case Kind::kRuns:
        for (std::size_t run = 0; run + 1 < c.items.size(); run += 2) {
          for (StreamOrdinal i = c.items[run]; i <= c.items[run + 1]; ++i) visit(base + i);
        }
        break;
    }
  }
}

}  // namespace livedata::storage
