#pragma once

#include <memory>
#include <vector>

#include "storage/compaction/merge.h"
#include "storage/flush/block_builder.h"

namespace livedata::storage {

/// Walks through the records of a segment in its order, block by block, past those that a merge
/// leaves out.
class SegmentCursor {
 public:
  SegmentCursor(const MergeInput& input, const MergeOptions& options, OnDamage on_damage,
                MergeSummary& summary);

  Result<void> open();
  /// Moves to the first record, and from each to the next; done() behind the last one.
  Result<void> advance();
  [[nodiscard]] bool done() const { return batch_ == nullptr; }

  /// Ordinals of the merged segment, by this segment's ordinals; set before the first advance().
  void set_ranks(std::vector<std::uint32_t> ranks) { ranks_ = std::move(ranks); }
  [[nodiscard]] const segment::SegmentMetadata& metadata() const { return *metadata_; }

  // Of the record that the cursor stands on.
  [[nodiscard]] std::uint32_t stream() const { return stream_; }
  [[nodiscard]] TimestampNs timestamp() const { return timestamp_; }
  [[nodiscard]] const std::shared_ptr<const RecordBatch>& batch() const { return batch_; }
  [[nodiscard]] RowIndex row() const { return row_; }

 private:
  Result<void> next_block();
  Result<std::shared_ptr<const RecordBatch>> read(const segment::BlockEntry& block) const;
  [[nodiscard]] bool wants(const segment::BlockEntry& block) const;
  bool is_unwanted();

  const MergeInput& input_;
  const MergeOptions& options_;
  const OnDamage on_damage_;
  MergeSummary& summary_;
  std::shared_ptr<const segment::SegmentMetadata> metadata_;
  std::vector<std::uint32_t> ranks_;
  std::vector<bool> wanted_;  // by stream; empty: all are
  std::size_t next_block_ = 0;
  std::shared_ptr<const RecordBatch> batch_;
  std::vector<std::vector<bool>> meant_;  // by delete request, then by the batch's stream
  StreamOrdinal first_stream_ = 0;        // of the block
  RowIndex row_ = 0;
  std::uint32_t stream_ = 0;
  TimestampNs timestamp_ = 0;
};

}  // namespace livedata::storage
