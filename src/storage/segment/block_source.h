#pragma once

#include <cstdint>
#include <memory>

#include "base/deadline.h"
#include "base/result.h"
#include "model/record_batch.h"
#include "storage/segment/column_selection.h"
#include "storage/segment/segment_metadata.h"

namespace livedata::storage::segment {

/// Sorted records in blocks, with a directory of them: a segment, or a file of the archive.
/// Immutable and thread-safe.
class BlockSource {
 public:
  virtual ~BlockSource() = default;

  [[nodiscard]] virtual TimestampNs min_timestamp() const = 0;
  [[nodiscard]] virtual TimestampNs max_timestamp() const = 0;  ///< inclusive
  [[nodiscard]] virtual std::uint64_t num_rows() const = 0;
  /// Streams, postings and blocks, sorted as comes_before() says. kCorrupt for damage.
  virtual Result<std::shared_ptr<const SegmentMetadata>> metadata() const = 0;
  /// All rows of a block of the metadata, with the selected columns. The batch's streams are the
  /// block's, from its first one on.
  virtual Result<RecordBatch> read_rows(const SegmentMetadata& metadata, const BlockEntry& block,
                                        const ColumnSelection& selection,
                                        const Deadline& deadline) const = 0;
};

}  // namespace livedata::storage::segment
