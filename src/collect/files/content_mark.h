#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/hash.h"

namespace livedata::collect {

/// How far a content was read, and what tells it from others: its first bytes, and the last ones
/// before the offset. A file that is truncated, or that is another one under the same inode, does
/// not have both; a copy has.
struct ContentMark {
  static constexpr std::uint64_t kHeadBytes = 1024;
  static constexpr std::uint64_t kTailBytes = 256;

  std::uint64_t offset = 0;
  std::uint64_t head = 0;  ///< hash of the first head_bytes() bytes
  std::uint64_t tail = 0;  ///< hash of the tail_bytes() bytes before the offset

  [[nodiscard]] std::uint64_t head_bytes() const { return std::min(offset, kHeadBytes); }
  [[nodiscard]] std::uint64_t tail_bytes() const { return std::min(offset, kTailBytes); }
  [[nodiscard]] bool has_head(std::string_view bytes) const {
    return bytes.size() == head_bytes() && (bytes.empty() || hash64(bytes) == head);
  }
  [[nodiscard]] bool has_tail(std::string_view bytes) const {
    return bytes.size() == tail_bytes() && (bytes.empty() || hash64(bytes) == tail);
  }
  bool operator==(const ContentMark&) const = default;
};

}  // namespace livedata::collect
