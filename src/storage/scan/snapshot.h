#pragma once

#include <memory>
#include <vector>

#include "storage/head/head.h"
#include "storage/scan/scan.h"
#include "storage/segment/segment_reader.h"

namespace livedata::storage {

/// A tenant's records at one instant. Holding it keeps everything in it readable.
struct Snapshot {
  std::vector<std::shared_ptr<const segment::SegmentReader>> segments;
  Head::Batches head;
};

/// Plans a scan of the snapshot: which units can hold rows of the request, and where records may be
/// twice.
Scan plan_scan(const Snapshot& snapshot, const ScanRequest& request);

/// Streams of the snapshot that meet the matchers and may have a record in the range; each once.
std::vector<StreamRef> find_streams(const Snapshot& snapshot, const TimeRange& range,
                                    const std::vector<LabelMatcher>& matchers);

}  // namespace livedata::storage
