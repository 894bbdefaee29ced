#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::collect {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd, kUnknown };

/// By the first bytes: kUnknown are those that rotated logs have and that can't be read (bzip2,
/// xz).
Compression detect_compression(std::string_view head);

/// The file's name without .gz, .zst and the like.
std::string_view without_compression_suffix(std::string_view name);

/// Decompresses one file piece by piece; several gzip members or zstd frames one behind the other
/// are one text. Not thread-safe.
class Decompressor {
 public:
  static std::unique_ptr<Decompressor> make(Compression compression);
  virtual ~Decompressor() = default;

  /// Takes bytes from the front of `in` and appends what they become, about `max_bytes` at most.
  /// kCorrupt for what can't be decompressed.
  virtual Result<void> run(std::string_view& in, std::size_t max_bytes, std::string& out) = 0;
  /// Whether the text may end with what was taken; else more must follow.
  [[nodiscard]] virtual bool may_end() const = 0;
};

}  // namespace livedata::collect
