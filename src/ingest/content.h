#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::ingest {

enum class Encoding { kIdentity, kGzip, kDeflate, kSnappy, kZstd };

/// Reads a Content-Encoding header; "" is identity. kInvalidArgument names the ones we take.
Result<Encoding> parse_content_encoding(std::string_view header);

/// The body without its encoding. kTooLarge before more than max_bytes are allocated, however small
/// the body is, and before more than max_ratio times the body's size are, if that is more than
/// kUnsuspiciousBytes; 0: any ratio. kInvalidArgument for damaged data. Snappy is the block format;
/// gzip members and zstd frames may follow each other.
Result<std::string> decompress(std::string_view body, Encoding encoding, std::size_t max_bytes,
                               std::size_t max_ratio = 0);

/// A body that expands to no more than this is no bomb, whatever its ratio.
constexpr std::size_t kUnsuspiciousBytes = std::size_t{4} << 20U;

}  // namespace livedata::ingest
