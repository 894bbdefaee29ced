#include "storage/segment/block_scan.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/hash.h"
#include "storage/segment/segment_format.h"

namespace livedata::storage::segment {
namespace {

constexpr std::uint64_t kMaxEntryBytes = 16_MiB;
constexpr std::uint64_t kSearchBytes = 1_MiB;

/// The block whose header is at `offset`, if there is a good one; its parts may be damaged.
Result<std::optional<BlockEntry>> read_block_header(const ReadableFile& file, std::uint64_t offset,
                                                    std::uint64_t end) {
  if (offset > end || end - offset < kBlockHeaderBytes) return std::optional<BlockEntry>();
  std::string header(kBlockHeaderBytes, '\0');
  LIVEDATA_RETURN_IF_ERROR(file.read_at(offset, header));
  encoding::ByteReader in(header);
  const std::uint32_t marker = in.u32();
  const std::uint32_t size = in.u32();
  const std::uint32_t crc = in.u32();
  if (marker != kBlockMarker || size > kMaxEntryBytes || size > end - offset - kBlockHeaderBytes)
    return std::optional<BlockEntry>();
  std::string bytes(size, '\0');
  LIVEDATA_RETURN_IF_ERROR(file.read_at(offset + kBlockHeaderBytes, bytes));
  if (crc32c(bytes) != crc) return std::optional<BlockEntry>();
  encoding::ByteReader entry_in(bytes);
  BlockEntry entry = decode_block(entry_in);
  entry.offset = offset + kBlockHeaderBytes + size;
  if (!entry_in.done() || !is_sound(entry, end, std::size_t{entry.last_stream} + 1))
    return std::optional<BlockEntry>();
  return std::optional(std::move(entry));
}

/// Offset of the next block marker at or behind `from`, or `end`.
Result<std::uint64_t> find_marker(const ReadableFile& file, std::uint64_t from, std::uint64_t end) {
  std::string marker;
  encoding::ByteWriter(marker).u32(kBlockMarker);
  while (from + marker.size() <= end) {
    std::string chunk(static_cast<std::size_t>(std::min(kSearchBytes, end - from)), '\0');
    LIVEDATA_RETURN_IF_ERROR(file.read_at(from, chunk));
    if (const auto found = chunk.find(marker); found != std::string::npos) return from + found;
    from += chunk.size() - marker.size() + 1;  // a marker may lie across two chunks
  }
  return end;
}

std::uint64_t end_of(const BlockEntry& block) {
  std::uint64_t end = block.offset;
  for (const BlockPart& part : block.parts) end += part.size;
  return end;
}

}  // namespace

Result<BlockScan> scan_blocks(const ReadableFile& file, std::uint64_t end) {
  BlockScan scan;
  scan.end = kHeaderBytes;
  for (std::uint64_t at = kHeaderBytes; at < end;) {
    LIVEDATA_TRY(auto block, read_block_header(file, at, end));
    if (block) {
      scan.damaged_bytes += at - scan.end;
      at = scan.end = end_of(*block);
      scan.blocks.push_back(*std::move(block));
    } else {
      LIVEDATA_TRY(at, find_marker(file, at + 1, end));
    }
  }
  return scan;
}

}  // namespace livedata::storage::segment
