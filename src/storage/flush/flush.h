#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/file_system.h"
#include "model/record_batch.h"
#include "storage/segment/segment_writer.h"

namespace livedata::storage {

struct FlushOptions {
  std::size_t block_bytes = 1_MiB;
  std::chrono::nanoseconds window = std::chrono::hours(1);
  segment::SegmentOptions segment = {};
};

/// A segment file that was written and synced, and is not in a manifest yet.
struct FlushedSegment {
  std::string file;  ///< relative to the segments folder: <window>/<name>.seg
  TimestampNs window_start = 0;
  segment::SegmentSummary summary;
};

/// Writes all records into new segments below `folder`, one per time window that has records:
/// sorted by labels and time, identical records (stream, timestamp, line, fields) once. `next_name`
/// gives each file a name that was never used. After a failure the written files are orphans, which
/// opening a store removes.
Result<std::vector<FlushedSegment>> flush_batches(
    FileSystem& files, const Path& folder,
    std::span<const std::shared_ptr<const RecordBatch>> batches, const FlushOptions& options,
    const std::function<std::string()>& next_name);

/// Folder name of a window: its start in UTC, such as 20260102T030000Z, so that names sort by time.
std::string window_name(TimestampNs start);

/// Start of the window that holds the time: a multiple of the window's length since the epoch.
TimestampNs window_start(TimestampNs time, std::chrono::nanoseconds window);

}  // namespace livedata::storage
