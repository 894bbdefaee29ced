#include "archive/file/index_builder.h"

#include <algorithm>
#include <unordered_map>

#include "storage/flush/row_order.h"
#include "storage/segment/block_counts.h"

namespace livedata::archive {
namespace {

using storage::StreamOrdinal;
using storage::segment::BlockEntry;
using storage::segment::PartKind;
using storage::segment::StreamEntry;

// As in segments.
constexpr double kGramFill = 0.5;

/// Whether a reader makes the text of a line from fields, so that no filter can tell what is in it.
bool has_rendered_lines(const RecordBatch& batch) {
  const auto fields = batch.field_columns();
  return std::any_of(fields.begin(), fields.end(), [&](const FieldColumn& field) {
    return std::any_of(field.rows.begin(), field.rows.end(),
                       [&](RowIndex row) { return batch.line(row).empty(); });
  });
}

class Surveyor {
 public:
  Result<void> add(const RecordBatch& batch, std::uint64_t first_row) {
    BlockEntry block;
    block.offset = first_row;
    block.num_rows = static_cast<std::uint32_t>(batch.num_rows());
    block.raw_bytes = batch.lines().bytes().size();
    block.min_timestamp = batch.min_timestamp();
    block.max_timestamp = batch.max_timestamp();
    LIVEDATA_RETURN_IF_ERROR(add_streams(batch, block));
    for (const FieldColumn& field : batch.field_columns()) {
      if (!field.rows.empty())
        block.parts.push_back({.kind = PartKind::kField, .field = field.name, .type = field.type});
    }
    if (const auto counts = storage::segment::count_rows(batch, block.first_stream);
        !counts.counts.empty())
      block.counts = storage::segment::encode_counts(counts);
    has_grams_ = has_grams_ && !has_rendered_lines(batch);
    for (RowIndex row = 0; has_grams_ && row < batch.num_rows(); ++row) grams_.add(batch.line(row));
    out_.min_timestamp =
        blocks().empty() ? block.min_timestamp : std::min(out_.min_timestamp, block.min_timestamp);
    out_.max_timestamp =
        blocks().empty() ? block.max_timestamp : std::max(out_.max_timestamp, block.max_timestamp);
    out_.sum.add(batch);
    out_.census.add(storage::count_columns(batch));
    blocks().push_back(std::move(block));
    return {};
  }

  FileSurvey take(std::vector<ValueColumn> columns) {
    std::vector<StreamRef> refs;
    for (const StreamEntry& entry : streams()) refs.push_back(entry.stream);
    out_.index.metadata.postings = storage::LabelPostings::build(refs);
    if (has_grams_ && !blocks().empty()) out_.index.metadata.grams = grams_.finish(kGramFill);
    out_.index.columns = std::move(columns);
    return std::move(out_);
  }

 private:
  std::vector<BlockEntry>& blocks() { return out_.index.metadata.blocks; }
  std::vector<StreamEntry>& streams() { return out_.index.metadata.streams; }

  /// The file's streams are numbered in their order, and a block goes on where the last one ended.
  Result<void> add_streams(const RecordBatch& batch, BlockEntry& block) {
    bool is_first = true;
    for (RowIndex row = 0; row < batch.num_rows(); ++row) {
      const StreamRef& stream = batch.streams()[batch.stream_ordinals()[row]];
      const TimestampNs time = batch.timestamps()[row];
      if (streams().empty() || streams().back().stream->id != stream->id) {
        if (!streams().empty() &&
            !storage::comes_before(streams().back().stream->labels, stream->labels))
          return unsorted();
        streams().push_back({.stream = stream, .min_timestamp = time, .max_timestamp = time});
      }
      StreamEntry& entry = streams().back();
      if (time < entry.max_timestamp) return unsorted();
      entry.max_timestamp = time;
      ++entry.num_rows;
      if (is_first) block.first_stream = static_cast<StreamOrdinal>(streams().size() - 1);
      is_first = false;
    }
    block.last_stream = static_cast<StreamOrdinal>(streams().size() - 1);
    return {};
  }

  static Result<void> unsorted() {
    return fail(ErrorCode::kCorrupt, "the records of an archived file are not sorted");
  }

  FileSurvey out_;
  encoding::GramFilterBuilder grams_;
  bool has_grams_ = true;
};

}  // namespace

void RecordSum::add(const RecordBatch& batch) {
  for (RowIndex row = 0; row < batch.num_rows(); ++row) {
    const Hash128 hash = storage::record_hash(batch, row);
    low_ += hash.low;
    high_ += hash.high;
  }
  rows_ += batch.num_rows();
}

Result<FileSurvey> survey_file(ParquetReader& reader,
                               const std::function<Result<void>(std::size_t)>& pace) {
  Surveyor surveyor;
  for (const auto& group : reader.description().row_groups) {
    LIVEDATA_TRY(const RecordBatch batch,
                 reader.read({.first_row = group.first_row, .num_rows = group.num_rows}));
    if (batch.empty()) continue;
    LIVEDATA_RETURN_IF_ERROR(surveyor.add(batch, group.first_row));
    if (pace) LIVEDATA_RETURN_IF_ERROR(pace(batch.size_bytes()));
  }
  return surveyor.take(reader.description().columns);
}

}  // namespace livedata::archive
