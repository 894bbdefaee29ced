#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "archive/parquet/schema.h"
#include "base/result.h"
#include "storage/segment/segment_metadata.h"

/// The index beside a Parquet file of the archive: what a scan must know of it to read no more than
/// it has to. It says nothing that is not in the Parquet file, and can be made from it.
///
///   magic "LDARCIDX" version:u32=1 raw_size:u64 crc32c:u32 (of the frame)  zstd frame of:
///     columns:string (JSON)  streams:string  labels:string  directory:string  grams:string
///
/// These are as a segment has them (docs/format.md). A block is a row group: its offset is the
/// number of its first row, and its parts are the fields that it has, without sizes. grams is empty
/// where there is no filter.
namespace livedata::archive {

struct FileIndex {
  std::vector<ValueColumn> columns;
  storage::segment::SegmentMetadata metadata;

  [[nodiscard]] std::size_t size_bytes() const;
};

/// Larger ones are not read.
constexpr std::size_t kMaxIndexBytes = std::size_t{1} << 30U;

std::string encode_index(const FileIndex& index);
/// kCorrupt for damage, kUnsupported for a later version.
Result<FileIndex> decode_index(std::string_view bytes);

}  // namespace livedata::archive
