#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/bookmark.h"
#include "storage/deletion/delete_request.h"

namespace livedata::storage {

/// How strongly a segment is compressed; segments rise as they age.
enum class Tier : std::uint8_t { kHot = 0, kWarm = 1, kCold = 2 };

/// "hot", "warm" or "cold".
std::string_view name(Tier tier);

/// A live segment as the manifest knows it.
struct SegmentMeta {
  std::string file = {};  ///< relative to the tenant's segments folder
  /// The segment's records lie in [window_start, window_end): one window, or several merged ones.
  TimestampNs window_start = 0;
  TimestampNs window_end = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t num_rows = 0;
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
  Tier tier = Tier::kHot;
  TimestampNs created = 0;
  std::uint64_t delete_horizon = 0;  ///< delete requests up to this id need not be looked at
  TimestampNs expired_since = 0;     ///< when retention found it expired; 0: it is not
  bool operator==(const SegmentMeta&) const = default;
};

/// One atomic change of a tenant's data. As bytes, one record of the manifest:
///
///   version:u8=3 node:string next_segment:varint wal_start:varint last_request:varint
///   removed:varint file:string*  added:varint SegmentMeta*
///   requests:varint (processed:u8 DeleteRequest)*  cancelled:varint id:varint*
///   bookmarks:varint (key:string value:string)*
///
/// Removals come before additions: to change what is known of a segment, remove and add it.
struct ManifestEdit {
  std::string node = {};           ///< id of the node that wrote the edit
  std::uint64_t next_segment = 0;  ///< number for the next segment's name; 0: as before
  std::uint64_t wal_start = 0;     ///< WAL files with a smaller number may go; 0: as before
  std::uint64_t last_request = 0;  ///< highest id of a delete request ever given; 0: as before
  std::vector<std::string> removed = {};
  std::vector<SegmentMeta> added = {};
  std::vector<DeleteRequest> requests = {};   ///< new ones, and new states of known ones
  std::vector<std::uint64_t> cancelled = {};  ///< ids of delete requests that are forgotten
  Bookmarks bookmarks = {};                   ///< changed ones
};

std::string encode_edit(const ManifestEdit& edit);
/// kCorrupt for damage, also for file names that lead out of the folder; kUnsupported for another
/// version.
Result<ManifestEdit> decode_edit(std::string_view bytes);

}  // namespace livedata::storage
