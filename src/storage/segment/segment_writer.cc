#include "storage/segment/segment_writer.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/hash.h"
#include "encoding/bloom_filter.h"
#include "encoding/zstd.h"
#include "storage/columns/column_codec.h"
#include "storage/segment/block_counts.h"
#include "storage/segment/segment_format.h"

namespace livedata::storage::segment {
namespace {

// Metadata is small and read at every start, so it is worth a better level than the data.
constexpr int kMetadataZstdLevel = 6;

template <class Encode>
std::string encoded(const Encode& encode) {
  std::string bytes;
  encoding::ByteWriter out(bytes);
  encode(out);
  return bytes;
}

void add_part(BlockPart part, const std::string& content, BlockEntry& block, std::string& bytes) {
  part.size = content.size();
  part.crc = crc32c(content);
  block.parts.push_back(std::move(part));
  bytes += content;
}

/// Whether a row has an empty line and fields: readers render such lines, so that no filter over
/// the stored lines can tell what they hold.
bool has_rendered_lines(const RecordBatch::Columns& columns) {
  return std::any_of(columns.field_columns.begin(), columns.field_columns.end(),
                     [&](const FieldColumn& field) {
                       return std::any_of(field.rows.begin(), field.rows.end(),
                                          [&](RowIndex row) { return columns.lines[row].empty(); });
                     });
}

/// Hashes of all values of string fields, each once.
std::vector<std::uint64_t> value_hashes(const std::vector<FieldColumn>& fields) {
  std::vector<std::uint64_t> hashes;
  for (const FieldColumn& field : fields) {
    if (field.type != FieldType::kString) continue;
    for (std::size_t i = 0; i < field.strings.size(); ++i)
      hashes.push_back(value_hash(field.name, field.strings[i]));
  }
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  return hashes;
}

}  // namespace

SegmentWriter::SegmentWriter(std::unique_ptr<WritableFile> file, std::vector<StreamRef> streams,
                             const SegmentOptions& options)
    : file_(std::move(file)), options_(options), all_streams_(std::move(streams)) {}

Result<SegmentWriter> SegmentWriter::create(FileSystem& files, const Path& path,
                                            std::vector<StreamRef> streams,
                                            const SegmentOptions& options) {
  LIVEDATA_TRY(auto file, files.create(path));
  SegmentWriter writer(std::move(file), std::move(streams), options);
  LIVEDATA_RETURN_IF_ERROR(writer.write(encoded([](encoding::ByteWriter& out) {
    out.bytes(kHeaderMagic);
    out.u32(kVersion);
    out.u32(0);
  })));
  return writer;
}

Result<void> SegmentWriter::write(std::string_view bytes) {
  LIVEDATA_RETURN_IF_ERROR(file_->append(bytes));
  offset_ += bytes.size();
  return {};
}

void SegmentWriter::renumber_streams(std::vector<std::uint32_t>& ordinals) {
  for (std::uint32_t& ordinal : ordinals) {
    if (ordinal >= next_stream_) {
      streams_.push_back({.stream = all_streams_[ordinal]});
      next_stream_ = std::size_t{ordinal} + 1;
    }
    ordinal = static_cast<std::uint32_t>(streams_.size() - 1);
  }
}

void SegmentWriter::count_rows(const RecordBatch::Columns& columns, BlockEntry& block) {
  for (std::size_t row = 0; row < columns.timestamps.size(); ++row) {
    const TimestampNs time = columns.timestamps[row];
    StreamEntry& entry = streams_[columns.stream_ordinals[row]];
    entry.min_timestamp = entry.num_rows == 0 ? time : std::min(entry.min_timestamp, time);
    entry.max_timestamp = entry.num_rows == 0 ? time : std::max(entry.max_timestamp, time);
    ++entry.num_rows;
  }
  const auto [low, high] =
      std::minmax_element(columns.timestamps.begin(), columns.timestamps.end());
  block.min_timestamp = *low;
  block.max_timestamp = *high;
  const bool first = summary_.num_rows == 0;
  summary_.min_timestamp = first ? *low : std::min(summary_.min_timestamp, *low);
  summary_.max_timestamp = first ? *high : std::max(summary_.max_timestamp, *high);
  summary_.num_rows += columns.timestamps.size();
  if (const BlockCounts counts = segment::count_rows(columns); !counts.counts.empty())
    block.counts = encode_counts(counts);
}

void SegmentWriter::add_columns(const RecordBatch::Columns& columns, BlockEntry& block,
                                std::string& bytes) {
  add_part({.kind = PartKind::kTimestamps},
           encoded([&](auto& out) { columns::encode_timestamps(columns.timestamps, out); }), block,
           bytes);
  add_part({.kind = PartKind::kStreams},
           encoded([&](auto& out) { columns::encode_ordinals(columns.stream_ordinals, out); }),
           block, bytes);
  add_part({.kind = PartKind::kLines}, encoded([&](auto& out) {
             columns::encode_string_column(columns.lines, options_.codec, out);
           }),
           block, bytes);
  for (const FieldColumn& field : columns.field_columns) {
    if (field.rows.empty()) continue;
    add_part({.kind = PartKind::kField, .field = field.name, .type = field.type},
             encoded([&](auto& out) {
               columns::encode_field_column(field, block.num_rows, options_.codec, out);
             }),
             block, bytes);
  }
}

void SegmentWriter::add_filters(const RecordBatch::Columns& columns, BlockEntry& block,
                                std::string& bytes) {
  if (has_rendered_lines(columns)) {
    has_all_grams_ = false;
  } else {
    block_grams_.clear();
    for (std::size_t row = 0; row < columns.lines.size(); ++row)
      block_grams_.add(columns.lines[row]);
    segment_grams_.merge(block_grams_);
    add_part({.kind = PartKind::kGrams},
             encoded([&](auto& out) { block_grams_.finish(options_.gram_fill).encode(out); }),
             block, bytes);
  }
  if (const auto hashes = value_hashes(columns.field_columns); !hashes.empty()) {
    add_part({.kind = PartKind::kValues}, encoded([&](auto& out) {
               encoding::BloomFilter::build(hashes, options_.false_positive_rate).encode(out);
             }),
             block, bytes);
  }
}

Result<void> SegmentWriter::add_block(RecordBatch::Columns columns) {
  LIVEDATA_CHECK(!columns.timestamps.empty());
  renumber_streams(columns.stream_ordinals);
  BlockEntry block;
  block.num_rows = static_cast<std::uint32_t>(columns.timestamps.size());
  block.raw_bytes = columns.lines.bytes().size();
  block.first_stream = columns.stream_ordinals.front();
  block.last_stream = columns.stream_ordinals.back();
  count_rows(columns, block);
  std::string parts;
  add_columns(columns, block, parts);
  add_filters(columns, block, parts);
  std::vector<StreamRef> streams;
  for (StreamOrdinal i = block.first_stream; i <= block.last_stream; ++i)
    streams.push_back(streams_[i].stream);
  add_part({.kind = PartKind::kLabels}, encode_block_labels(streams), block, parts);
  const std::string entry = encoded([&](auto& out) { encode_block(block, out); });
  LIVEDATA_RETURN_IF_ERROR(write(encoded([&](encoding::ByteWriter& out) {
    out.u32(kBlockMarker);
    out.u32(static_cast<std::uint32_t>(entry.size()));
    out.u32(crc32c(entry));
    out.bytes(entry);
  })));
  block.offset = offset_;
  blocks_.push_back(std::move(block));
  return write(parts);
}

Result<std::string> SegmentWriter::write_part(std::string_view raw, bool compress) {
  const std::string frame =
      compress ? encoding::zstd_compress(raw, kMetadataZstdLevel) : std::string(raw);
  std::string entry = encoded([&](encoding::ByteWriter& out) {
    out.u64(offset_);
    out.u64(frame.size());
    out.u64(compress ? raw.size() : 0);
    out.u32(crc32c(frame));
  });
  LIVEDATA_RETURN_IF_ERROR(write(frame));
  return entry;
}

Result<SegmentSummary> SegmentWriter::finish() {
  LIVEDATA_CHECK(!blocks_.empty());
  std::vector<StreamRef> streams;
  for (const StreamEntry& entry : streams_) streams.push_back(entry.stream);
  std::array<std::string, kNumParts> parts;
  parts[kStreamsPart] = encoded([&](auto& out) { encode_streams(streams_, out); });
  parts[kLabelsPart] = encoded([&](auto& out) { LabelPostings::build(streams).encode(out); });
  parts[kDirectoryPart] = encoded([&](auto& out) { encode_directory(blocks_, out); });
  // One block's own filter says as much as the segment's would.
  if (blocks_.size() > 1 && has_all_grams_)
    parts[kGramsPart] =
        encoded([&](auto& out) { segment_grams_.finish(options_.gram_fill).encode(out); });
  std::string footer;
  for (std::size_t part = 0; part < kNumParts; ++part) {
    LIVEDATA_TRY(const std::string entry, write_part(parts[part], part != kGramsPart));
    footer += entry;
  }
  encoding::ByteWriter out(footer);
  out.u64(summary_.num_rows);
  out.u64(static_cast<std::uint64_t>(summary_.min_timestamp));
  out.u64(static_cast<std::uint64_t>(summary_.max_timestamp));
  out.u32(crc32c(footer));
  out.bytes(kFooterMagic);
  LIVEDATA_RETURN_IF_ERROR(write(footer));
  LIVEDATA_RETURN_IF_ERROR(file_->sync());
  summary_.file_bytes = offset_;
  return summary_;
}

}  // namespace livedata::storage::segment
