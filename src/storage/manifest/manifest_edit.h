#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace livedata::storage {

/// A live segment as the manifest knows it.
struct SegmentMeta {
  std::string file;  ///< relative to the tenant's segments folder
  TimestampNs window_start = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t num_rows = 0;
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
  bool operator==(const SegmentMeta&) const = default;
};

/// One atomic change of a tenant's data. As bytes, one record of the manifest:
///
///   version:u8=1 node:string next_segment:varint wal_start:varint
///   added:varint (file:string window:svarint bytes:varint rows:varint min:svarint max:svarint)*
struct ManifestEdit {
  std::string node;                ///< id of the node that wrote the edit
  std::uint64_t next_segment = 0;  ///< number for the next segment's name
  std::uint64_t wal_start = 0;     ///< WAL files with a smaller number are in segments and may go
  std::vector<SegmentMeta> added;
  bool operator==(const ManifestEdit&) const = default;
};

std::string encode_edit(const ManifestEdit& edit);
/// kCorrupt for damage, also for file names that lead out of the folder; kUnsupported for a newer
/// version.
Result<ManifestEdit> decode_edit(std::string_view bytes);

}  // namespace livedata::storage
