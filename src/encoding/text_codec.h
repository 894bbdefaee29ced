#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::encoding {

/// How string columns that are no dictionary are compressed.
struct TextCodec {
  enum class Kind { kRaw, kLz4, kZstd };
  Kind kind = Kind::kRaw;
  int level = 0;  ///< of zstd, 1 to 22

  static TextCodec raw() { return {}; }
  static TextCodec lz4() { return {Kind::kLz4, 0}; }
  static TextCodec zstd(int level) { return {Kind::kZstd, level}; }

  /// Reads "none", "lz4" or "zstd-1" to "zstd-22".
  static Result<TextCodec> parse(std::string_view text);
  /// The text that parse() reads.
  [[nodiscard]] std::string to_string() const;
  bool operator==(const TextCodec&) const = default;
};

}  // namespace livedata::encoding
