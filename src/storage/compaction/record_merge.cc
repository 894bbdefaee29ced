#include "storage/compaction/record_merge.h"

#include <algorithm>
#include <queue>
#include <unordered_set>

#include "storage/compaction/segment_cursor.h"
#include "storage/flush/block_builder.h"
#include "storage/flush/row_order.h"

namespace livedata::storage {
namespace {

/// The streams of all inputs, sorted by labels; tells each cursor the ranks of its own.
std::vector<StreamRef> merge_streams(std::vector<SegmentCursor>& cursors) {
  std::vector<StreamRef> streams;
  for (const SegmentCursor& cursor : cursors) {
    for (const segment::StreamEntry& entry : cursor.metadata().streams)
      streams.push_back(entry.stream);
  }
  const auto by_labels = [](const StreamRef& a, const StreamRef& b) {
    return comes_before(a->labels, b->labels);
  };
  std::sort(streams.begin(), streams.end(), by_labels);
  streams.erase(std::unique(streams.begin(), streams.end(),
                            [](const StreamRef& a, const StreamRef& b) { return a->id == b->id; }),
                streams.end());
  for (SegmentCursor& cursor : cursors) {
    std::vector<std::uint32_t> ranks;
    for (const segment::StreamEntry& entry : cursor.metadata().streams) {
      const auto at = std::lower_bound(streams.begin(), streams.end(), entry.stream, by_labels);
      ranks.push_back(static_cast<std::uint32_t>(at - streams.begin()));
    }
    cursor.set_ranks(std::move(ranks));
  }
  return streams;
}

/// Tells whether a record repeats one that came just before. Records come by stream and time, so
/// only those of one stream and time have to be remembered, and most of them are alone.
class RepeatFilter {
 public:
  bool is_repeat(const SegmentCursor& cursor) {
    if (first_batch_ == nullptr || cursor.stream() != stream_ || cursor.timestamp() != time_) {
      stream_ = cursor.stream();
      time_ = cursor.timestamp();
      first_batch_ = cursor.batch();
      first_row_ = cursor.row();
      seen_.clear();
      return false;
    }
    if (seen_.empty()) seen_.insert(record_hash(*first_batch_, first_row_));
    return !seen_.insert(record_hash(*cursor.batch(), cursor.row())).second;
  }

 private:
  std::uint32_t stream_ = 0;
  TimestampNs time_ = 0;
  std::shared_ptr<const RecordBatch> first_batch_;
  RowIndex first_row_ = 0;
  std::unordered_set<Hash128> seen_;
};

/// Gives the cursors' blocks their slots in the builder.
class AttachedBlocks {
 public:
  AttachedBlocks(BlockBuilder& builder, std::size_t num_cursors)
      : builder_(builder), attached_(num_cursors) {}

  BlockBuilder::Slot slot(std::size_t cursor, const std::shared_ptr<const RecordBatch>& batch) {
    Attached& attached = attached_[cursor];
    if (attached.batch != batch) {
      if (attached.batch != nullptr) builder_.detach(attached.slot);
      attached = {batch, builder_.attach(*batch)};
    }
    return attached.slot;
  }

 private:
  struct Attached {
    std::shared_ptr<const RecordBatch> batch;
    BlockBuilder::Slot slot = 0;
  };
  BlockBuilder& builder_;
  std::vector<Attached> attached_;
};

}  // namespace

class RecordMerge::Impl {
 public:
  Impl(const std::vector<MergeInput>& inputs, const MergeOptions& options, OnDamage on_damage)
      : options_(options), blocks_(builder_, inputs.size()) {
    cursors_.reserve(inputs.size());
    for (const MergeInput& input : inputs)
      cursors_.emplace_back(input, options, on_damage, summary_);
  }

  Result<void> open() {
    for (SegmentCursor& cursor : cursors_) LIVEDATA_RETURN_IF_ERROR(cursor.open());
    streams_ = merge_streams(cursors_);
    for (std::size_t i = 0; i < cursors_.size(); ++i) {
      LIVEDATA_RETURN_IF_ERROR(cursors_[i].advance());
      if (!cursors_[i].done()) heads_.push(i);
    }
    return {};
  }

  [[nodiscard]] const std::vector<StreamRef>& streams() const { return streams_; }
  [[nodiscard]] const MergeSummary& summary() const { return summary_; }

  Result<std::optional<RecordBatch::Columns>> next_block() {
    while (!heads_.empty() && builder_.raw_bytes() < options_.block_bytes) {
      const std::size_t i = heads_.top();
      heads_.pop();
      SegmentCursor& cursor = cursors_[i];
      // A cursor's run of records before the next cursor's turn needs no heap.
      do {
        add_row(i);
        LIVEDATA_RETURN_IF_ERROR(cursor.advance());
      } while (!cursor.done() && builder_.raw_bytes() < options_.block_bytes &&
               (heads_.empty() || !comes_later(i, heads_.top())));
      if (!cursor.done()) heads_.push(i);
    }
    if (builder_.empty()) return std::optional<RecordBatch::Columns>();
    const std::size_t raw_bytes = builder_.raw_bytes();
    std::optional<RecordBatch::Columns> block = builder_.take();
    if (options_.pace) LIVEDATA_RETURN_IF_ERROR(options_.pace(raw_bytes));
    return block;
  }

 private:
  /// By stream, time and input: the order of the heap's top.
  [[nodiscard]] bool comes_later(std::size_t a, std::size_t b) const {
    return std::tuple(cursors_[a].stream(), cursors_[a].timestamp(), a) >
           std::tuple(cursors_[b].stream(), cursors_[b].timestamp(), b);
  }

  void add_row(std::size_t i) {
    const SegmentCursor& cursor = cursors_[i];
    if (repeats_.is_repeat(cursor)) {
      ++summary_.duplicates_dropped;
      return;
    }
    builder_.add(blocks_.slot(i, cursor.batch()), cursor.row(), cursor.stream());
  }

  struct ComesLater {
    const Impl* merge;
    bool operator()(std::size_t a, std::size_t b) const { return merge->comes_later(a, b); }
  };

  const MergeOptions& options_;
  MergeSummary summary_;
  std::vector<SegmentCursor> cursors_;
  std::vector<StreamRef> streams_;
  std::priority_queue<std::size_t, std::vector<std::size_t>, ComesLater> heads_{ComesLater{this}};
  BlockBuilder builder_;
  AttachedBlocks blocks_;
  RepeatFilter repeats_;
};

RecordMerge::RecordMerge(const std::vector<MergeInput>& inputs, const MergeOptions& options,
                         OnDamage on_damage)
    : impl_(std::make_unique<Impl>(inputs, options, on_damage)) {}
RecordMerge::~RecordMerge() = default;

Result<void> RecordMerge::open() { return impl_->open(); }
const std::vector<StreamRef>& RecordMerge::streams() const { return impl_->streams(); }
const MergeSummary& RecordMerge::summary() const { return impl_->summary(); }
Result<std::optional<RecordBatch::Columns>> RecordMerge::next_block() {
  return impl_->next_block();
}

}  // namespace livedata::storage
