#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::encoding {

/// One zstd frame without checksum (ours cover more).
std::string zstd_compress(std::string_view in, int level);

/// The frame's content, which must be exactly `size` bytes; else kCorrupt. The caller bounds
/// `size`.
Result<std::string> zstd_decompress(std::string_view in, std::size_t size);

}  // namespace livedata::encoding
