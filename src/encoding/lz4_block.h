#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::encoding {

/// One LZ4 block (LZ4 block format, without a frame). Precondition: at most 1 GiB.
std::string lz4_compress(std::string_view in);

/// The block's content, which must be exactly `size` bytes; else kCorrupt. The caller bounds
/// `size`.
Result<std::string> lz4_decompress(std::string_view in, std::size_t size);

}  // namespace livedata::encoding
