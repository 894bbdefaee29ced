#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/file_system.h"
#include "storage/deletion/delete_request.h"
#include "storage/segment/block_source.h"
#include "storage/segment/segment_writer.h"

namespace livedata::storage {

struct MergeInput {
  std::shared_ptr<const segment::BlockSource> reader;
  /// Requests whose records of this input are left out.
  std::vector<DeleteRequest> deletes = {};
  /// Whether the records of such a stream are merged; null: all are. Blocks without one are not
  /// read.
  std::function<bool(const Labels&)> wants = {};
};

struct MergeOptions {
  segment::SegmentOptions segment = {};
  std::size_t block_bytes = 0;  ///< raw bytes of a block
  /// Whether a record of this stream and time is not wanted any more; null: all are wanted.
  std::function<bool(const Labels&, TimestampNs)> is_expired = {};
  /// Called after each block, with the raw bytes of the lines and fields in it. Lets the caller
  /// slow the merge down, or end it: an error is what merge_segments() returns.
  std::function<Result<void>(std::size_t)> pace = {};
};

struct MergeSummary {
  segment::SegmentSummary segment = {};
  std::uint64_t rows_read = 0;
  std::uint64_t duplicates_dropped = 0;
  std::uint64_t rows_deleted = 0;  ///< by delete requests
  std::uint64_t rows_expired = 0;
  std::uint64_t damaged_blocks = 0;  ///< that had to be left out; only where that is allowed
};

enum class OnDamage { kFail, kLeaveOut };

/// Merges segments into one new file, sorted by labels and time: identical records once, without
/// deleted and expired ones. Holds one block of each input in memory. The file is synced and under
/// its name on return. None: no record was left, and there is no file.
///
/// A damaged block is an error, so that nothing is lost without anybody's consent, unless
/// `on_damage` gives it.
Result<std::optional<MergeSummary>> merge_segments(FileSystem& files, const Path& path,
                                                   const std::vector<MergeInput>& inputs,
                                                   const MergeOptions& options,
                                                   OnDamage on_damage = OnDamage::kFail);

}  // namespace livedata::storage
