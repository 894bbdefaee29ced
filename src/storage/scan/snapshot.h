#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/deletion/delete_request.h"
#include "storage/head/head.h"
#include "storage/scan/archived_windows.h"
#include "storage/scan/scan.h"
#include "storage/segment/segment_reader.h"

namespace livedata::storage {

/// A tenant's records at one instant. Holding it keeps everything in it readable.
struct Snapshot {
  /// A source's horizon is the id of the last delete request that it is done with.
  struct Segment {
    std::shared_ptr<const segment::SegmentReader> reader;
    std::uint64_t delete_horizon = 0;
  };
  struct Head {
    std::shared_ptr<const HeadBatch> batch;
    std::uint64_t delete_horizon = 0;
  };
  std::vector<Segment> segments = {};
  std::vector<Head> head = {};
  std::vector<ArchivedFile> archived = {};                         ///< `segments` is not looked at
  std::shared_ptr<const std::vector<DeleteRequest>> deletes = {};  ///< none: null
};

/// Plans a scan of the snapshot: which units can hold rows of the request, and where records may be
/// twice.
Scan plan_scan(const Snapshot& snapshot, const ScanRequest& request);

/// The first time in the range that lies within the bounds of one of the snapshot's parts.
std::optional<TimestampNs> earliest_time(const Snapshot& snapshot, const TimeRange& range);

/// Streams of the snapshot that meet the matchers and may have a record in the range; each once.
/// Damaged segments are left out.
std::vector<StreamRef> find_streams(const Snapshot& snapshot, const TimeRange& range,
                                    const std::vector<LabelMatcher>& matchers);

}  // namespace livedata::storage
