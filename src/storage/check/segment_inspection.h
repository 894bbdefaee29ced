#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/result.h"

namespace livedata::storage {

/// One column, or filter, over all blocks of a segment.
struct ColumnInspection {
  std::string name;
  std::uint64_t stored_bytes = 0;
  std::uint64_t raw_bytes = 0;                        ///< of the values; 0 for filters
  std::map<std::string, std::size_t> encodings = {};  ///< name -> blocks that use it
};

/// Where the bytes of a segment are.
struct SegmentInspection {
  std::uint64_t file_bytes = 0;
  std::uint64_t num_rows = 0;
  std::size_t num_streams = 0;
  std::size_t num_blocks = 0;
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
  std::vector<ColumnInspection> columns = {};
  /// The parts behind the blocks, and what lies between parts.
  std::map<std::string, std::uint64_t> other_bytes = {};
};

/// Reads the whole file. kCorrupt where a part is damaged.
Result<SegmentInspection> inspect_segment(FileSystem& files, const Path& path);

}  // namespace livedata::storage
