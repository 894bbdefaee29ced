#include "storage/check/segment_check.h"

#include <algorithm>

#include "storage/segment/block_counts.h"

namespace livedata::storage {
namespace {

using segment::BlockEntry;

std::string place(const BlockEntry& block) { return fmt::format("block at byte {}", block.offset); }

class SegmentChecker {
 public:
  SegmentChecker(const segment::SegmentReader& reader, const segment::SegmentMetadata& metadata)
      : reader_(reader), metadata_(metadata), rows_of_stream_(metadata.streams.size()) {}

  Result<SegmentCheck> run(const CheckPace& pace) {
    if (!metadata_.damage.empty()) index_problem(metadata_.damage);
    out_.blocks = metadata_.blocks.size();
    for (const BlockEntry& block : metadata_.blocks) {
      check_block(block);
      if (pace) LIVEDATA_RETURN_IF_ERROR(pace(static_cast<std::size_t>(block.raw_bytes)));
    }
    check_directory();
    check_totals();
    return std::move(out_);
  }

 private:
  void index_problem(std::string text) { out_.damaged_index.push_back(std::move(text)); }

  void check_block(const BlockEntry& block) {
    auto keys = reader_.read_keys(metadata_, block);
    if (!keys) return lose(block, keys.error().message);
    const std::vector<StreamOrdinal> streams = keys->streams;
    auto batch = reader_.read_block(metadata_, block, *std::move(keys), ColumnSelection());
    if (!batch) return lose(block, batch.error().message);
    out_.rows += batch->num_rows();
    for (const StreamOrdinal stream : streams) ++rows_of_stream_[stream];
    if (batch->min_timestamp() != block.min_timestamp ||
        batch->max_timestamp() != block.max_timestamp)
      index_problem(place(block) + ": its times are not those of the directory");
    if (batch->lines().bytes().size() != block.raw_bytes)
      index_problem(place(block) + ": its size is not that of the directory");
    check_grams(block, *batch);
    check_values(block, *batch);
    check_counts(block);
    check_labels(block);
  }

  void lose(const BlockEntry& block, const std::string& why) {
    out_.lost_rows += block.num_rows;
    out_.damaged_blocks.push_back(why);
  }

  void check_grams(const BlockEntry& block, const RecordBatch& batch) {
    const auto read = reader_.read_grams(block);
    if (!read) return index_problem(read.error().message);
    const std::optional<encoding::GramFilter>& grams = *read;
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      const std::string_view line = batch.line(row);
      if ((grams && !grams->may_contain(line)) ||
          (metadata_.grams && !metadata_.grams->may_contain(line)))
        return index_problem(place(block) + ": the filter of substrings misses a line");
    }
  }

  void check_values(const BlockEntry& block, const RecordBatch& batch) {
    const auto read = reader_.read_values(block);
    if (!read) return index_problem(read.error().message);
    const std::optional<encoding::BloomFilter>& values = *read;
    for (const FieldColumn& field : batch.field_columns()) {
      if (field.type != FieldType::kString) continue;
      for (std::size_t i = 0; i < field.strings.size(); ++i) {
        if (!values || !values->may_contain(segment::value_hash(field.name, field.strings[i])))
          return index_problem(place(block) + ": the filter of field values misses one");
      }
    }
  }

  void check_counts(const BlockEntry& block) {
    if (block.counts.empty()) return;
    const auto counts = segment::decode_counts(block.counts);
    if (!counts) return index_problem(place(block) + ": " + counts.error().message);
    std::uint64_t rows = 0;
    for (const segment::BlockCounts::Count& count : counts->counts) rows += count.rows;
    if (rows != block.num_rows) index_problem(place(block) + ": its counts miss records");
  }

  void check_labels(const BlockEntry& block) {
    const segment::BlockPart* part = block.find(segment::PartKind::kLabels);
    if (part == nullptr) return index_problem(place(block) + ": it has no labels");
    const auto bytes = reader_.read_part(block, *part);
    if (!bytes) return index_problem(bytes.error().message);
    const auto labels =
        segment::decode_block_labels(*bytes, block.last_stream - block.first_stream + 1);
    if (!labels) return index_problem(place(block) + ": " + labels.error().message);
    for (std::size_t i = 0; i < labels->size(); ++i) {
      if ((*labels)[i] != metadata_.streams[block.first_stream + i].stream->labels)
        return index_problem(place(block) + ": its labels are not those of the segment");
    }
  }

  /// The directory and the blocks' own headers say the same.
  void check_directory() {
    const auto scanned = reader_.scan_blocks();
    if (!scanned) return index_problem(scanned.error().message);
    if (scanned->damaged_bytes > 0)
      index_problem(fmt::format("{} damaged bytes between the blocks", scanned->damaged_bytes));
    const auto offsets = [](const std::vector<BlockEntry>& blocks) {
      std::vector<std::uint64_t> out;
      for (const BlockEntry& block : blocks) out.push_back(block.offset);
      return out;
    };
    if (offsets(scanned->blocks) != offsets(metadata_.blocks))
      index_problem("the directory's blocks are not those of the file");
  }

  void check_totals() {
    if (!out_.damaged_blocks.empty()) return;  // nothing would add up
    for (std::size_t i = 0; i < rows_of_stream_.size(); ++i) {
      if (rows_of_stream_[i] != metadata_.streams[i].num_rows)
        return index_problem(fmt::format("stream {} has {} records, and {} in the table", i,
                                         rows_of_stream_[i], metadata_.streams[i].num_rows));
    }
    if (out_.rows != reader_.num_rows())
      index_problem(fmt::format("{} records, and {} in the footer", out_.rows, reader_.num_rows()));
  }

  const segment::SegmentReader& reader_;
  const segment::SegmentMetadata& metadata_;
  std::vector<std::uint64_t> rows_of_stream_;
  SegmentCheck out_;
};

}  // namespace

Result<SegmentCheck> check_segment(const segment::SegmentReader& reader, const CheckPace& pace) {
  LIVEDATA_TRY(const auto metadata, reader.metadata());
  return SegmentChecker(reader, *metadata).run(pace);
}

}  // namespace livedata::storage
