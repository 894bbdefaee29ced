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
#include "storage/segment/block_counts.h"

namespace livedata::storage {
namespace {

/// A segment, an archived file or a batch of the head with the streams that the request wants of
/// it.
struct Source {
  std::shared_ptr<const segment::SegmentReader> segment;  // exactly one of these three is set
  std::shared_ptr<const segment::BlockSource> archived;
  std::shared_ptr<const HeadBatch> head;
  std::shared_ptr<const segment::SegmentMetadata> metadata;  // of what is no head
  StreamSet wanted{0};
  std::vector<std::span<const Overlaps::Interval>>
      overlaps;                               // by stream ordinal; empty: none at all
  std::vector<const DeleteRequest*> deletes;  // those that may have to hide rows of it

  [[nodiscard]] std::span<const Overlaps::Interval> overlaps_of(std::uint32_t stream) const {
    return overlaps.empty() ? std::span<const Overlaps::Interval>() : overlaps[stream];
  }
  [[nodiscard]] const StreamRef& stream(StreamOrdinal i) const {
    return head == nullptr ? metadata->streams[i].stream : head->records->streams()[i];
  }
};

struct Unit {
  ScanUnitInfo info;
  std::uint32_t source = 0;
  const segment::BlockEntry* block = nullptr;  // of the source's metadata
};

TimestampNs last_of(const TimeRange& range) { return range.end - 1; }

}  // namespace

class Scan::Impl {
 public:
  Impl(const Snapshot& snapshot, const ScanRequest& request)
      : request_(request), deletes_(snapshot.deletes) {
    if (request_.range.empty()) return;
    for (const Snapshot::Segment& segment : snapshot.segments) {
      Source source;
      source.segment = segment.reader;
      add_blocks_of(std::move(source), *segment.reader, segment.delete_horizon);
    }
    for (const ArchivedFile& file : snapshot.archived) {
      Source source;
      source.archived = file.blocks;
      add_blocks_of(std::move(source), *file.blocks, file.delete_horizon);
    }
    for (const Snapshot::Head& head : snapshot.head) add_head(head);
    find_overlaps();
    order_units();
  }

  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }

  [[nodiscard]] ScanStats stats() const {
    ScanStats stats = plan_stats_;
    stats.blocks_filtered = blocks_filtered_;
    stats.blocks_cached = blocks_cached_;
    stats.blocks_read = blocks_read_;
    stats.line_bytes_read = line_bytes_read_;
    return stats;
  }

  [[nodiscard]] std::vector<std::string> damage() const {
    const MutexLock lock(mutex_);
    return damage_;
  }

  Result<ScanRows> read(const Unit& unit, const Deadline& deadline) const {
    const Source& source = sources_[unit.source];
    if (unit.block == nullptr) return read_head(source);
    auto rows = source.segment == nullptr ? read_archived(source, *unit.block, deadline)
                                          : read_block(source, *unit.block);
    if (rows || rows.error().code != ErrorCode::kCorrupt) return rows;
    note_damage(rows.error());
    return ScanRows();
  }

  [[nodiscard]] std::optional<ScanCounts> counts(const Unit& unit) const {
    const Source& source = sources_[unit.source];
    if (unit.block == nullptr || unit.block->counts.empty() || !source.overlaps.empty() ||
        !source.deletes.empty() || unit.info.min_timestamp < request_.range.start ||
        unit.info.max_timestamp >= request_.range.end) {
      return std::nullopt;
    }
    auto decoded = segment::decode_counts(unit.block->counts);
    if (!decoded) return std::nullopt;  // the columns are still there
    ScanCounts out;
    out.levels = std::move(decoded->levels);
    for (const segment::BlockPart& part : unit.block->parts) {
      if (part.kind == segment::PartKind::kField) out.fields.push_back(part.field);
    }
    const StreamOrdinal first = unit.block->first_stream;
    for (StreamOrdinal i = first; i <= unit.block->last_stream; ++i)
      out.streams.push_back(source.stream(i));
    for (const segment::BlockCounts::Count& count : decoded->counts) {
      if (count.stream < first || count.stream > unit.block->last_stream) return std::nullopt;
      if (source.wanted.contains(count.stream))
        out.counts.push_back(
            {count.stream - first, count.minute, count.level, count.rows, count.bytes});
    }
    return out;
  }

 private:
  void note_damage(const Error& error) const {
    const MutexLock lock(mutex_);
    damage_.push_back(error.message);
  }

  void skip_segment(std::size_t num_blocks) {
    ++plan_stats_.segments_skipped;
    plan_stats_.blocks_skipped += num_blocks;
  }

  void add_blocks_of(Source source, const segment::BlockSource& blocks,
                     std::uint64_t delete_horizon) {
    ++plan_stats_.segments;
    if (!request_.range.meets(blocks.min_timestamp(), blocks.max_timestamp())) {
      skip_segment(0);
      return;
    }
    auto metadata = blocks.metadata();
    if (!metadata) {
      skip_segment(0);
      note_damage(metadata.error());
      return;
    }
    source.metadata = *std::move(metadata);
    source.wanted = source.metadata->postings.find(request_.matchers);
    plan_stats_.blocks += source.metadata->blocks.size();
    for (const StreamOrdinal i : source.wanted.ordinals()) {
      const segment::StreamEntry& entry = source.metadata->streams[i];
      if (!request_.range.meets(entry.min_timestamp, entry.max_timestamp)) source.wanted.remove(i);
    }
    const auto& grams = source.metadata->grams;
    const auto has_condition = [](const std::string& label) { return !label.empty(); };
    if (source.wanted.empty() || (grams && !may_contain_all(*grams, has_condition))) {
      skip_segment(source.metadata->blocks.size());
      return;
    }
    plan_stats_.streams_matched += source.wanted.ordinals().size();
    source.deletes = deletes_for(delete_horizon);
    sources_.push_back(std::move(source));
    add_blocks(sources_.back());
  }

  /// Delete requests with a horizon above a source's, as far as they meet the scanned time.
  [[nodiscard]] std::vector<const DeleteRequest*> deletes_for(std::uint64_t horizon) const {
    std::vector<const DeleteRequest*> out;
    if (deletes_ == nullptr) return out;
    for (const DeleteRequest& request : *deletes_) {
      if (request.id > horizon && !request.range.empty() &&
          request.range.meets(request_.range.start, last_of(request_.range))) {
        out.push_back(&request);
      }
    }
    return out;
  }

  void add_blocks(const Source& source) {
    for (const segment::BlockEntry& block : source.metadata->blocks) {
      if (!request_.range.meets(block.min_timestamp, block.max_timestamp) ||
          !source.wanted.meets(block.first_stream, block.last_stream)) {
        ++plan_stats_.blocks_skipped;
        continue;
      }
      units_.push_back({{block.min_timestamp, block.max_timestamp, block.num_rows, block.raw_bytes},
                        static_cast<std::uint32_t>(sources_.size() - 1),
                        &block});
    }
  }

  void add_head(const Snapshot::Head& head) {
    const RecordBatch& records = *head.batch->records;
    if (records.empty() || !request_.range.meets(records.min_timestamp(), records.max_timestamp()))
      return;
    Source source;
    source.head = head.batch;
    source.wanted = StreamSet(records.streams().size());
    for (StreamOrdinal i = 0; i < records.streams().size(); ++i) {
      const HeadBatch::Bounds& bounds = head.batch->bounds[i];
      if (!request_.range.meets(bounds.min, bounds.max) ||
          !matches_all(request_.matchers, records.streams()[i]->labels))
        continue;
      source.wanted.insert(i);
      ++plan_stats_.streams_matched;
    }
    if (source.wanted.empty()) return;
    source.deletes = deletes_for(head.delete_horizon);
    sources_.push_back(std::move(source));
    units_.push_back({{records.min_timestamp(), records.max_timestamp(), records.num_rows(),
                       records.lines().bytes().size()},
                      static_cast<std::uint32_t>(sources_.size() - 1),
                      nullptr});
  }

  /// Calls visit(ordinal, id, first, last) for each wanted stream of a source, cut to the range.
  template <class Visit>
  void for_wanted(const Source& source, const Visit& visit) const {
    for (const StreamOrdinal i : source.wanted.ordinals()) {
      TimestampNs first = 0;
      TimestampNs last = 0;
      if (source.head == nullptr) {
        first = source.metadata->streams[i].min_timestamp;
        last = source.metadata->streams[i].max_timestamp;
      } else {
        first = source.head->bounds[i].min;
        last = source.head->bounds[i].max;
      }
      visit(i, source.stream(i)->id, std::max(first, request_.range.start),
            std::min(last, last_of(request_.range)));
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
        source.overlaps.resize(source.wanted.num_streams());
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

  /// Whether the text behind a filter may contain the needles, and one of each choice of needles.
  /// `is_excused` tells of a label that makes a choice void.
  template <class IsExcused>
  [[nodiscard]] bool may_contain_all(const encoding::GramFilter& grams,
                                     const IsExcused& is_excused) const {
    const auto may_contain = [&](const std::string& needle) { return grams.may_contain(needle); };
    const auto& needles = request_.needles;
    const auto& choices = request_.needle_choices;
    return std::all_of(needles.begin(), needles.end(), may_contain) &&
           std::all_of(choices.begin(), choices.end(), [&](const auto& choice) {
             return is_excused(choice.unless_label) ||
                    std::any_of(choice.any_of.begin(), choice.any_of.end(), may_contain);
           });
  }

  /// Whether some row of the block may have the label, from its stream or as a field.
  static bool may_have_label(const Source& source, const segment::BlockEntry& block,
                             const std::string& name) {
    if (name.empty()) return false;
    const bool has_field =
        std::any_of(block.parts.begin(), block.parts.end(), [&](const segment::BlockPart& part) {
          return part.kind == segment::PartKind::kField && part.field == name;
        });
    return has_field || some_stream_has_label(source, block, name);
  }

  /// Whether the block's filters let the request through. Reads no column. A filter that can't be
  /// read lets everything through: it is no reason to lose the block.
  bool passes_filters(const Source& source, const segment::BlockEntry& block) const {
    const bool has_needle =
        !request_.needle_choices.empty() ||
        std::any_of(request_.needles.begin(), request_.needles.end(),
                    [](const std::string& n) { return n.size() >= encoding::kGramBytes; });
    if (has_needle) {
      const auto grams = source.segment->cached_grams(block);
      const auto is_excused = [&](const std::string& label) {
        return may_have_label(source, block, label);
      };
      if (grams && *grams != nullptr && !may_contain_all(**grams, is_excused)) return false;
      if (!grams) note_damage(grams.error());
    }
    return passes_field_values(source, block);
  }

  bool passes_field_values(const Source& source, const segment::BlockEntry& block) const {
    encoding::BloomFilter values;
    bool has_values = false;
    for (const ScanRequest::FieldValueCondition& condition : request_.field_values) {
      if (block.has_typed_field(condition.field) ||
          some_stream_has_label(source, block, condition.field))
        continue;
      if (block.find(segment::PartKind::kValues) == nullptr)
        return false;  // no string field at all
      if (!has_values) {
        const auto read = source.segment->read_values(block);
        if (!read) {
          note_damage(read.error());
          return true;
        }
        const std::optional<encoding::BloomFilter>& filter = *read;
        if (!filter) return true;
        values = *filter;
        has_values = true;
      }
      if (!values.may_contain(segment::value_hash(condition.field, condition.value))) return false;
    }
    return true;
  }

  static bool some_stream_has_label(const Source& source, const segment::BlockEntry& block,
                                    std::string_view name) {
    for (StreamOrdinal i = block.first_stream; i <= block.last_stream; ++i) {
      if (source.wanted.contains(i) && source.stream(i)->labels.has(name)) return true;
    }
    return false;
  }

  /// Rows within the range whose stream is wanted; streams are counted from the first one.
  std::vector<RowIndex> wanted_rows(const Source& source, std::span<const TimestampNs> timestamps,
                                    std::span<const std::uint32_t> streams,
                                    StreamOrdinal first_stream) const {
    std::vector<RowIndex> rows;
    rows.reserve(timestamps.size());
    for (RowIndex row = 0; row < timestamps.size(); ++row) {
      if (source.wanted.contains(first_stream + streams[row]) &&
          request_.range.contains(timestamps[row]))
        rows.push_back(row);
    }
    return rows;
  }

  Result<ScanRows> read_block(const Source& source, const segment::BlockEntry& block) const {
    ScanRows out;
    if (!passes_filters(source, block)) {
      ++blocks_filtered_;
      return out;
    }
    if (auto kept = source.segment->kept_block(block); kept != nullptr) {
      ++blocks_cached_;
      out.rows =
          wanted_rows(source, kept->timestamps(), kept->stream_ordinals(), block.first_stream);
      out.batch = std::move(kept);
      drop_unwanted(source, block.first_stream, out);
      return out;
    }
    ++blocks_read_;
    LIVEDATA_TRY(segment::BlockKeys keys, source.segment->read_keys(*source.metadata, block));
    out.rows = wanted_rows(source, keys.timestamps, keys.streams, 0);
    if (out.rows.empty()) return out;
    const bool compare = has_overlap(source, out.rows, keys.timestamps, keys.streams);
    ColumnSelection selection = compare ? ColumnSelection() : request_.columns;
    selection.lines = selection.lines || !request_.needles.empty() || deletes_by_line(source);
    if (selection.lines) line_bytes_read_ += block.raw_bytes;
    LIVEDATA_TRY(RecordBatch batch,
                 source.segment->read_block(*source.metadata, block, std::move(keys), selection));
    out.batch = std::make_shared<const RecordBatch>(std::move(batch));
    // A block that its filters let through is likely to be asked for again, by the next page or the
    // narrower query; those of a full scan would only push each other out.
    if (is_selective() && selection.lines && selection.all_fields)
      source.segment->keep_block(block, out.batch);
    drop_unwanted(source, block.first_stream, out);
    return out;
  }

  /// The same of a block whose columns all come at once.
  Result<ScanRows> read_archived(const Source& source, const segment::BlockEntry& block,
                                 const Deadline& deadline) const {
    ++blocks_read_;
    ColumnSelection selection = source.overlaps.empty() ? request_.columns : ColumnSelection();
    selection.lines = selection.lines || !request_.needles.empty() || deletes_by_line(source);
    if (selection.lines) line_bytes_read_ += block.raw_bytes;
    LIVEDATA_TRY(RecordBatch batch,
                 source.archived->read_rows(*source.metadata, block, selection, deadline));
    ScanRows out;
    out.rows = wanted_rows(source, batch.timestamps(), batch.stream_ordinals(), block.first_stream);
    out.batch = std::make_shared<const RecordBatch>(std::move(batch));
    drop_unwanted(source, block.first_stream, out);
    return out;
  }

  [[nodiscard]] bool is_selective() const {
    return !request_.needles.empty() || !request_.needle_choices.empty() ||
           !request_.field_values.empty();
  }

  /// Ordinals in a block's batch start at its first stream.
  void drop_unwanted(const Source& source, StreamOrdinal first_stream, ScanRows& out) const {
    apply_needles(out);
    drop_deleted(source, out);
    drop_seen(source, first_stream, out);
  }

  Result<ScanRows> read_head(const Source& source) const {
    ScanRows out;
    out.batch = source.head->records;
    out.rows = wanted_rows(source, out.batch->timestamps(), out.batch->stream_ordinals(), 0);
    apply_needles(out);
    drop_deleted(source, out);
    if (!source.head->is_strictly_ordered) drop_repeats_within(source, out);
    drop_seen(source, 0, out);
    return out;
  }

  void apply_needles(ScanRows& out) const {
    for (const std::string& needle : request_.needles)
      keep_rows_with(needle, out.batch->lines(), out.rows);
  }

  static bool deletes_by_line(const Source& source) {
    return std::any_of(source.deletes.begin(), source.deletes.end(),
                       [](const DeleteRequest* request) { return !request->lines.empty(); });
  }

  static void drop_deleted(const Source& source, ScanRows& out) {
    for (const DeleteRequest* request : source.deletes) {
      std::vector<bool> meant;
      for (const StreamRef& stream : out.batch->streams())
        meant.push_back(matches_all(request->matchers, stream->labels));
      std::erase_if(out.rows, [&](RowIndex row) {
        return meant[out.batch->stream_ordinals()[row]] &&
               request->range.contains(out.batch->timestamps()[row]) &&
               request->matches_line(out.batch->line(row));
      });
    }
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
  const std::shared_ptr<const std::vector<DeleteRequest>> deletes_;
  std::vector<Source> sources_;
  std::vector<Unit> units_;
  Overlaps overlaps_;
  ScanStats plan_stats_;
  mutable std::atomic<std::size_t> blocks_filtered_ = 0;
  mutable std::atomic<std::size_t> blocks_cached_ = 0;
  mutable std::atomic<std::size_t> blocks_read_ = 0;
  mutable std::atomic<std::uint64_t> line_bytes_read_ = 0;
  mutable Mutex mutex_;
  mutable std::unordered_set<Hash128> seen_ LIVEDATA_GUARDED_BY(mutex_);
  mutable std::vector<std::string> damage_ LIVEDATA_GUARDED_BY(mutex_);
};

Scan::Scan(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Scan::Scan(Scan&&) noexcept = default;
Scan& Scan::operator=(Scan&&) noexcept = default;
Scan::~Scan() = default;

std::size_t Scan::num_units() const { return impl_->units().size(); }
const ScanUnitInfo& Scan::unit(std::size_t i) const { return impl_->units()[i].info; }
ScanStats Scan::stats() const { return impl_->stats(); }
std::vector<std::string> Scan::damage() const { return impl_->damage(); }
std::optional<ScanCounts> Scan::counts(std::size_t i) const {
  return impl_->counts(impl_->units()[i]);
}

Result<ScanRows> Scan::read(std::size_t i, const Deadline& deadline) const {
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  return impl_->read(impl_->units()[i], deadline);
}

Scan plan_scan(const Snapshot& snapshot, const ScanRequest& request) {
  return Scan(std::make_unique<Scan::Impl>(snapshot, request));
}

std::optional<TimestampNs> earliest_time(const Snapshot& snapshot, const TimeRange& range) {
  std::optional<TimestampNs> earliest;
  const auto take = [&](TimestampNs first, TimestampNs last) {
    if (range.empty() || !range.meets(first, last)) return;
    const TimestampNs time = std::max(first, range.start);
    earliest = std::min(earliest.value_or(time), time);
  };
  for (const Snapshot::Segment& segment : snapshot.segments)
    take(segment.reader->min_timestamp(), segment.reader->max_timestamp());
  for (const ArchivedFile& file : snapshot.archived)
    take(file.blocks->min_timestamp(), file.blocks->max_timestamp());
  for (const Snapshot::Head& head : snapshot.head) {
    const RecordBatch& records = *head.batch->records;
    if (!records.empty()) take(records.min_timestamp(), records.max_timestamp());
  }
  return earliest;
}

std::vector<StreamRef> find_streams(const Snapshot& snapshot, const TimeRange& range,
                                    const std::vector<LabelMatcher>& matchers) {
  std::vector<StreamRef> found;
  std::unordered_set<StreamId> ids;
  const auto take = [&](const StreamRef& stream) {
    if (ids.insert(stream->id).second) found.push_back(stream);
  };
  const auto take_from = [&](const segment::BlockSource& blocks) {
    if (range.empty() || !range.meets(blocks.min_timestamp(), blocks.max_timestamp())) return;
    const auto metadata = blocks.metadata();
    if (!metadata) return;
    for (const StreamOrdinal i : (*metadata)->postings.find(matchers).ordinals()) {
      const segment::StreamEntry& entry = (*metadata)->streams[i];
      if (entry.num_rows > 0 && range.meets(entry.min_timestamp, entry.max_timestamp))
        take(entry.stream);
    }
  };
  for (const Snapshot::Segment& segment : snapshot.segments) take_from(*segment.reader);
  for (const ArchivedFile& file : snapshot.archived) take_from(*file.blocks);
  for (const Snapshot::Head& head : snapshot.head) {
    const HeadBatch& batch = *head.batch;
    for (std::size_t i = 0; i < batch.bounds.size(); ++i) {
      const StreamRef& stream = batch.records->streams()[i];
      if (!range.empty() && range.meets(batch.bounds[i].min, batch.bounds[i].max) &&
          matches_all(matchers, stream->labels)) {
        take(stream);
      }
    }
  }
  return found;
}

}  // namespace livedata::storage
