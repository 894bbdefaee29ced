#include "storage/scan/scan.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <unordered_set>

#include "base/mutex.h"
#include "storage/flush/row_order.h"
#include "storage/scan/needle_search.h"
#include "storage/scan/overlaps.h"
#include "storage/scan/snapshot.h"

namespace livedata::storage {
namespace {

/// A segment or a batch of the head with the streams that the request wants of it.
struct Source {
  std::shared_ptr<const segment::SegmentReader> segment;  // exactly one of the two is set
  std::shared_ptr<const HeadBatch> head;
  std::vector<bool> wanted;  // by stream ordinal
  std::vector<std::span<const Overlaps::Interval>>
      overlaps;  // by stream ordinal; empty: none at all

  [[nodiscard]] std::span<const Overlaps::Interval> overlaps_of(std::uint32_t stream) const {
    return overlaps.empty() ? std::span<const Overlaps::Interval>() : overlaps[stream];
  }
};

struct Unit {
  ScanUnitInfo info;
  std::uint32_t source = 0;
  std::uint32_t block = 0;  // of the source's segment
};

TimestampNs last_of(const TimeRange& range) { return range.end - 1; }

bool has_wanted(const std::vector<bool>& wanted, StreamOrdinal first, StreamOrdinal last) {
  for (StreamOrdinal i = first; i <= last; ++i) {
    if (wanted[i]) return true;
  }
  return false;
}

}  // namespace

class Scan::Impl {
 public:
  Impl(const Snapshot& snapshot, const ScanRequest& request) : request_(request) {
    if (request_.range.empty()) return;
    for (const auto& segment : snapshot.segments) add_segment(segment);
    for (const auto& batch : snapshot.head) add_head(batch);
    find_overlaps();
    order_units();
  }

  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }
  [[nodiscard]] const ScanPlanStats& stats() const { return stats_; }

  Result<ScanRows> read(const Unit& unit) const {
    const Source& source = sources_[unit.source];
    return source.segment != nullptr ? read_block(source, unit.block) : read_head(source);
  }

 private:
  void add_segment(const std::shared_ptr<const segment::SegmentReader>& segment) {
    ++stats_.segments;
    stats_.blocks += segment->blocks().size();
    std::vector<StreamOrdinal> matched;
    if (request_.range.meets(segment->min_timestamp(), segment->max_timestamp())) {
      matched = segment->postings().find(request_.matchers);
    }
    if (matched.empty()) {
      ++stats_.segments_skipped;
      stats_.blocks_skipped += segment->blocks().size();
      return;
    }
    stats_.streams_matched += matched.size();
    Source& source = sources_.emplace_back();
    source.segment = segment;
    source.wanted.resize(segment->streams().size());
    for (const StreamOrdinal stream : matched) {
      const segment::StreamEntry& entry = segment->streams()[stream];
      source.wanted[stream] = request_.range.meets(entry.min_timestamp, entry.max_timestamp);
    }
    add_blocks(source);
  }

  void add_blocks(const Source& source) {
    const auto blocks = source.segment->blocks();
    for (std::uint32_t i = 0; i < blocks.size(); ++i) {
      const segment::BlockEntry& block = blocks[i];
      if (!request_.range.meets(block.min_timestamp, block.max_timestamp) ||
          !has_wanted(source.wanted, block.first_stream, block.last_stream)) {
        ++stats_.blocks_skipped;
        continue;
      }
      units_.push_back({{block.min_timestamp, block.max_timestamp, block.num_rows, block.raw_bytes},
                        static_cast<std::uint32_t>(sources_.size() - 1),
                        i});
    }
  }

  void add_head(const std::shared_ptr<const HeadBatch>& batch) {
    const RecordBatch& records = *batch->records;
    if (records.empty() || !request_.range.meets(records.min_timestamp(), records.max_timestamp()))
      return;
    Source source;
    source.head = batch;
    bool any = false;
    for (std::size_t i = 0; i < records.streams().size(); ++i) {
      const HeadBatch::Bounds& bounds = batch->bounds[i];
      const bool wanted = request_.range.meets(bounds.min, bounds.max) &&
                          matches_all(request_.matchers, records.streams()[i]->labels);
      source.wanted.push_back(wanted);
      any = any || wanted;
      stats_.streams_matched += wanted ? 1 : 0;
    }
    if (!any) return;
    sources_.push_back(std::move(source));
    units_.push_back({{records.min_timestamp(), records.max_timestamp(), records.num_rows(),
                       records.lines().bytes().size()},
                      static_cast<std::uint32_t>(sources_.size() - 1),
                      0});
  }

  /// Calls visit(ordinal, id, first, last) for each wanted stream of a source, cut to the range.
  template <class Visit>
  void for_wanted(const Source& source, const Visit& visit) const {
    for (StreamOrdinal i = 0; i < source.wanted.size(); ++i) {
      if (!source.wanted[i]) continue;
      TimestampNs first = 0;
      TimestampNs last = 0;
      if (source.segment != nullptr) {
        const segment::StreamEntry& entry = source.segment->streams()[i];
        first = entry.min_timestamp;
        last = entry.max_timestamp;
        visit(i, entry.stream->id, std::max(first, request_.range.start),
              std::min(last, last_of(request_.range)));
      } else {
        first = source.head->bounds[i].min;
        last = source.head->bounds[i].max;
        visit(i, source.head->records->streams()[i]->id, std::max(first, request_.range.start),
              std::min(last, last_of(request_.range)));
      }
    }
  }

  void find_overlaps() {
    if (sources_.size() < 2) return;
    for (const Source& source : sources_) {
      for_wanted(source, [&](StreamOrdinal, const StreamId& id, TimestampNs first,
                             TimestampNs last) { overlaps_.add(id, first, last); });
    }
    overlaps_.finish();
    for (Source& source : sources_) {
      for_wanted(source, [&](StreamOrdinal i, const StreamId& id, TimestampNs, TimestampNs) {
        const auto intervals = overlaps_.of(id);
        if (intervals.empty()) return;
        source.overlaps.resize(source.wanted.size());
        source.overlaps[i] = intervals;
      });
    }
  }

  void order_units() {
    const bool backward = request_.direction == Direction::kBackward;
    std::stable_sort(units_.begin(), units_.end(), [backward](const Unit& a, const Unit& b) {
      return backward ? a.info.max_timestamp > b.info.max_timestamp
                      : a.info.min_timestamp < b.info.min_timestamp;
    });
  }

  /// Rows within the range whose stream is wanted. `first_stream` is added to the ordinals.
  std::vector<RowIndex> wanted_rows(const Source& source, std::span<const TimestampNs> timestamps,
                                    std::span<const std::uint32_t> streams) const {
    std::vector<RowIndex> rows;
    rows.reserve(timestamps.size());
    for (RowIndex row = 0; row < timestamps.size(); ++row) {
      if (source.wanted[streams[row]] && request_.range.contains(timestamps[row]))
        rows.push_back(row);
    }
    return rows;
  }

  Result<ScanRows> read_block(const Source& source, std::size_t block) const {
    LIVEDATA_TRY(segment::BlockKeys keys, source.segment->read_keys(block));
    ScanRows out;
    out.rows = wanted_rows(source, keys.timestamps, keys.streams);
    if (out.rows.empty()) return out;
    const bool compare = has_overlap(source, out.rows, keys.timestamps, keys.streams);
    ColumnSelection selection = compare ? ColumnSelection() : request_.columns;
    selection.lines = selection.lines || !request_.needles.empty();
    LIVEDATA_TRY(RecordBatch batch, source.segment->read_block(block, std::move(keys), selection));
    out.batch = std::make_shared<const RecordBatch>(std::move(batch));
    apply_needles(out);
    // Ordinals in the batch start at the block's first stream.
    if (compare) drop_seen(source, source.segment->blocks()[block].first_stream, out);
    return out;
  }

  Result<ScanRows> read_head(const Source& source) const {
    ScanRows out;
    out.batch = source.head->records;
    out.rows = wanted_rows(source, out.batch->timestamps(), out.batch->stream_ordinals());
    apply_needles(out);
    drop_repeats_within(source, out);
    drop_seen(source, 0, out);
    return out;
  }

  void apply_needles(ScanRows& out) const {
    for (const std::string& needle : request_.needles)
      keep_rows_with(needle, out.batch->lines(), out.rows);
  }

  bool has_overlap(const Source& source, const std::vector<RowIndex>& rows,
                   std::span<const TimestampNs> timestamps,
                   std::span<const std::uint32_t> streams) const {
    if (source.overlaps.empty()) return false;
    return std::any_of(rows.begin(), rows.end(), [&](RowIndex row) {
      return contains(source.overlaps_of(streams[row]), timestamps[row]);
    });
  }

  /// Drops records that another unit has given already. Which unit comes first depends on the
  /// reader; the records are identical.
  void drop_seen(const Source& source, StreamOrdinal first_stream, ScanRows& out) const {
    if (source.overlaps.empty()) return;
    std::erase_if(out.rows, [&](RowIndex row) {
      const auto intervals = source.overlaps_of(first_stream + out.batch->stream_ordinals()[row]);
      if (!contains(intervals, out.batch->timestamps()[row])) return false;
      const Hash128 hash = record_hash(*out.batch, row);
      const MutexLock lock(mutex_);
      return !seen_.insert(hash).second;
    });
  }

  /// A batch of the head may hold a record twice itself; a segment does not.
  void drop_repeats_within(const Source& source, ScanRows& out) const {
    std::unordered_map<Hash128, RowIndex> first_at;  // (stream, time) -> row
    std::unordered_set<Hash128> repeated;  // whole records, where (stream, time) comes again
    std::erase_if(out.rows, [&](RowIndex row) {
      const std::uint32_t stream = out.batch->stream_ordinals()[row];
      const Hash128 key{static_cast<std::uint64_t>(out.batch->timestamps()[row]), stream};
      // Rows in overlaps are compared by drop_seen() anyway.
      if (contains(source.overlaps_of(stream), out.batch->timestamps()[row])) return false;
      const auto [slot, is_new] = first_at.try_emplace(key, row);
      if (is_new) return false;
      repeated.insert(record_hash(*out.batch, slot->second));
      return !repeated.insert(record_hash(*out.batch, row)).second;
    });
  }

  const ScanRequest request_;
  std::vector<Source> sources_;
  std::vector<Unit> units_;
  Overlaps overlaps_;
  ScanPlanStats stats_;
  mutable Mutex mutex_;
  mutable std::unordered_set<Hash128> seen_ LIVEDATA_GUARDED_BY(mutex_);
};

Scan::Scan(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Scan::Scan(Scan&&) noexcept = default;
Scan& Scan::operator=(Scan&&) noexcept = default;
Scan::~Scan() = default;

std::size_t Scan::num_units() const { return impl_->units().size(); }
const ScanUnitInfo& Scan::unit(std::size_t i) const { return impl_->units()[i].info; }
const ScanPlanStats& Scan::plan_stats() const { return impl_->stats(); }

Result<ScanRows> Scan::read(std::size_t i, const Deadline& deadline) const {
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  return impl_->read(impl_->units()[i]);
}

Scan plan_scan(const Snapshot& snapshot, const ScanRequest& request) {
  return Scan(std::make_unique<Scan::Impl>(snapshot, request));
}

std::vector<StreamRef> find_streams(const Snapshot& snapshot, const TimeRange& range,
                                    const std::vector<LabelMatcher>& matchers) {
  std::vector<StreamRef> found;
  std::unordered_set<StreamId> ids;
  const auto take = [&](const StreamRef& stream) {
    if (ids.insert(stream->id).second) found.push_back(stream);
  };
  for (const auto& segment : snapshot.segments) {
    if (range.empty() || !range.meets(segment->min_timestamp(), segment->max_timestamp())) continue;
    for (const StreamOrdinal i : segment->postings().find(matchers)) {
      const segment::StreamEntry& entry = segment->streams()[i];
      if (range.meets(entry.min_timestamp, entry.max_timestamp)) take(entry.stream);
    }
  }
  for (const auto& batch : snapshot.head) {
    for (std::size_t i = 0; i < batch->bounds.size(); ++i) {
      const StreamRef& stream = batch->records->streams()[i];
      if (!range.empty() && range.meets(batch->bounds[i].min, batch->bounds[i].max) &&
          matches_all(matchers, stream->labels)) {
        take(stream);
      }
    }
  }
  return found;
}

}  // namespace livedata::storage
