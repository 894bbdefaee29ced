#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace livedata {

/// Keeps short-lived texts that are all given up together, and its memory for the next ones. A
/// view stays valid until clear(), also when the arena is moved. Not thread-safe.
class TextArena {
 public:
  /// A copy of the text.
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    char* to = reserve(text.size());
    std::memcpy(to, text.data(), text.size());
    used_ += text.size();
    return {to, text.size()};
  }

  /// Room for `size` bytes, to be taken with commit().
  char* reserve(std::size_t size) {
    while (current_ < chunks_.size() && chunks_[current_].size - used_ < size) {
      ++current_;
      used_ = 0;
    }
    if (current_ == chunks_.size()) {
      const std::size_t capacity = std::max(kChunkBytes, size);
      chunks_.push_back({std::make_unique<char[]>(capacity), capacity});  // NOLINT: raw bytes
      used_ = 0;
    }
    return chunks_[current_].bytes.get() + used_;
  }
  /// The first `size` of the bytes that reserve() gave.
  std::string_view commit(std::size_t size) {
    const char* begin = chunks_[current_].bytes.get() + used_;
    used_ += size;
    return {begin, size};
  }

  /// Ends the life of all texts. Of the memory one chunk stays.
  void clear() {
    if (chunks_.size() > 1) chunks_.resize(1);
    current_ = 0;
    used_ = 0;
  }

 private:
  static constexpr std::size_t kChunkBytes = 8192;
  struct Chunk {
    std::unique_ptr<char[]> bytes;  // NOLINT(modernize-avoid-c-arrays): raw bytes
    std::size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  std::size_t current_ = 0;
  std::size_t used_ = 0;
};

}  // namespace livedata
