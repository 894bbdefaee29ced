#include "storage/compaction/segment_cursor.h"

#include <algorithm>

namespace livedata::storage {

SegmentCursor::SegmentCursor(const MergeInput& input, const MergeOptions& options,
                             OnDamage on_damage, MergeSummary& summary)
    : input_(input), options_(options), on_damage_(on_damage), summary_(summary) {}

Result<void> SegmentCursor::open() {
  LIVEDATA_TRY(metadata_, input_.reader->metadata());
  // Rebuilt metadata may miss blocks.
  if (on_damage_ == OnDamage::kFail && !metadata_->damage.empty())
    return fail(ErrorCode::kCorrupt, "{}", metadata_->damage);
  if (input_.wants) {
    for (const segment::StreamEntry& entry : metadata_->streams)
      wanted_.push_back(input_.wants(entry.stream->labels));
  }
  return {};
}

Result<std::shared_ptr<const RecordBatch>> SegmentCursor::read(
    const segment::BlockEntry& block) const {
  LIVEDATA_TRY(RecordBatch batch,
               input_.reader->read_rows(*metadata_, block, ColumnSelection(), Deadline()));
  return std::make_shared<const RecordBatch>(std::move(batch));
}

bool SegmentCursor::wants(const segment::BlockEntry& block) const {
  if (wanted_.empty()) return true;
  const auto first = wanted_.begin() + block.first_stream;
  const auto end = wanted_.begin() + block.last_stream + 1;
  return std::find(first, end, true) != end;
}

Result<void> SegmentCursor::next_block() {
  batch_ = nullptr;
  while (batch_ == nullptr && next_block_ < metadata_->blocks.size()) {
    const segment::BlockEntry& block = metadata_->blocks[next_block_++];
    if (!wants(block)) continue;
    auto batch = read(block);
    if (!batch) {
      if (on_damage_ == OnDamage::kFail || batch.error().code != ErrorCode::kCorrupt)
        return fail(std::move(batch).error());
      ++summary_.damaged_blocks;
      continue;
    }
    batch_ = *std::move(batch);
    first_stream_ = block.first_stream;
    row_ = 0;
    meant_.clear();
    for (const DeleteRequest& request : input_.deletes) {
      std::vector<bool>& meant = meant_.emplace_back();
      for (const StreamRef& stream : batch_->streams())
        meant.push_back(matches_all(request.matchers, stream->labels));
    }
  }
  return {};
}

bool SegmentCursor::is_unwanted() {
  const std::uint32_t ordinal = batch_->stream_ordinals()[row_];
  if (!wanted_.empty() && !wanted_[first_stream_ + ordinal]) return true;
  for (std::size_t i = 0; i < input_.deletes.size(); ++i) {
    const DeleteRequest& request = input_.deletes[i];
    if (meant_[i][ordinal] && request.range.contains(timestamp_) &&
        request.matches_line(batch_->line(row_))) {
      ++summary_.rows_deleted;
      return true;
    }
  }
  if (options_.is_expired && options_.is_expired(batch_->streams()[ordinal]->labels, timestamp_)) {
    ++summary_.rows_expired;
    return true;
  }
  return false;
}

Result<void> SegmentCursor::advance() {
  if (batch_ != nullptr) ++row_;
  for (;; ++row_) {
    if (batch_ == nullptr || row_ == batch_->num_rows()) {
      LIVEDATA_RETURN_IF_ERROR(next_block());
      if (batch_ == nullptr) return {};
    }
    timestamp_ = batch_->timestamps()[row_];
    stream_ = ranks_[first_stream_ + batch_->stream_ordinals()[row_]];
    ++summary_.rows_read;
    if (!is_unwanted()) return {};
  }
}

}  // namespace livedata::storage
