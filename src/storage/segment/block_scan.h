#pragma once

#include <cstdint>
#include <vector>

#include "base/file_system.h"
#include "storage/segment/segment_metadata.h"

namespace livedata::storage::segment {

/// The blocks of a segment as they describe themselves, without its directory.
struct BlockScan {
  std::vector<BlockEntry> blocks;
  std::uint64_t end = 0;            ///< of the last block found
  std::uint64_t damaged_bytes = 0;  ///< between blocks, where a block should have been
};

/// Walks through the file from block to block; behind a damaged header it looks for the next good
/// one. Parts are not read. `end` is where the blocks end, or the file's size if nobody knows.
Result<BlockScan> scan_blocks(const ReadableFile& file, std::uint64_t end);

}  // namespace livedata::storage::segment
