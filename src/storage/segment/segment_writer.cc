#include "storage/segment/segment_writer.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/hash.h"
#include "encoding/zstd.h"
#include "storage/columns/column_codec.h"
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

}  // namespace

SegmentWriter::SegmentWriter(std::unique_ptr<WritableFile> file, std::vector<StreamRef> streams,
                             int zstd_level)
    : file_(std::move(file)), zstd_level_(zstd_level) {
  streams_.reserve(streams.size());
  for (StreamRef& stream : streams) streams_.push_back({.stream = std::move(stream)});
}

Result<SegmentWriter> SegmentWriter::create(FileSystem& files, const Path& path,
                                            std::vector<StreamRef> streams, int zstd_level) {
  LIVEDATA_TRY(auto file, files.create(path));
  SegmentWriter writer(std::move(file), std::move(streams), zstd_level);
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

std::uint32_t SegmentWriter::field_kind(const FieldColumn& column) {
  const auto next = static_cast<std::uint32_t>(directory_.fields.size());
  const auto [slot, is_new] = field_index_.try_emplace({column.name, column.type}, next);
  if (is_new) directory_.fields.push_back({column.name, column.type});
  return kFirstField + slot->second;
}

void SegmentWriter::add_part(BlockEntry& block, std::uint32_t kind, const std::string& part,
                             std::string& bytes) const {
  block.parts.push_back({.kind = kind, .size = part.size(), .crc = crc32c(part)});
  bytes += part;
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
}

Result<void> SegmentWriter::add_block(const RecordBatch::Columns& columns) {
  LIVEDATA_CHECK(!columns.timestamps.empty());
  BlockEntry block;
  block.offset = offset_;
  block.num_rows = static_cast<std::uint32_t>(columns.timestamps.size());
  block.raw_bytes = columns.lines.bytes().size();
  block.first_stream = columns.stream_ordinals.front();
  block.last_stream = columns.stream_ordinals.back();
  count_rows(columns, block);
  std::string bytes;
  add_part(block, kTimestampColumn,
           encoded([&](auto& out) { columns::encode_timestamps(columns.timestamps, out); }), bytes);
  add_part(block, kStreamColumn,
           encoded([&](auto& out) { columns::encode_ordinals(columns.stream_ordinals, out); }),
           bytes);
  add_part(block, kLineColumn, encoded([&](auto& out) {
             columns::encode_string_column(columns.lines, zstd_level_, out);
           }),
           bytes);
  for (const FieldColumn& field : columns.field_columns) {
    if (field.rows.empty()) continue;
    add_part(block, field_kind(field), encoded([&](auto& out) {
               columns::encode_field_column(field, block.num_rows, zstd_level_, out);
             }),
             bytes);
  }
  directory_.blocks.push_back(std::move(block));
  return write(bytes);
}

Result<std::string> SegmentWriter::write_part(std::string_view raw) {
  const std::string frame = encoding::zstd_compress(raw, kMetadataZstdLevel);
  std::string entry = encoded([&](encoding::ByteWriter& out) {
    out.u64(offset_);
    out.u64(frame.size());
    out.u64(raw.size());
    out.u32(crc32c(frame));
  });
  LIVEDATA_RETURN_IF_ERROR(write(frame));
  return entry;
}

std::string SegmentWriter::encode_footer(std::span<const std::string> entries) const {
  return encoded([&](encoding::ByteWriter& out) {
    std::string body;
    encoding::ByteWriter writer(body);
    for (const std::string& entry : entries) writer.bytes(entry);
    writer.u64(summary_.num_rows);
    writer.u64(static_cast<std::uint64_t>(summary_.min_timestamp));
    writer.u64(static_cast<std::uint64_t>(summary_.max_timestamp));
    out.bytes(body);
    out.u32(crc32c(body));
    out.bytes(kFooterMagic);
  });
}

Result<SegmentSummary> SegmentWriter::finish() {
  LIVEDATA_CHECK(!directory_.blocks.empty());
  std::vector<StreamRef> streams;
  for (const StreamEntry& entry : streams_) streams.push_back(entry.stream);
  const LabelPostings postings = LabelPostings::build(streams);
  std::array<std::string, 3> entries;
  LIVEDATA_TRY(entries[0], write_part(encoded([&](auto& out) { encode_streams(streams_, out); })));
  LIVEDATA_TRY(entries[1], write_part(encoded([&](auto& out) { postings.encode(out); })));
  LIVEDATA_TRY(entries[2],
               write_part(encoded([&](auto& out) { encode_directory(directory_, out); })));
  LIVEDATA_RETURN_IF_ERROR(write(encode_footer(entries)));
  LIVEDATA_RETURN_IF_ERROR(file_->sync());
  summary_.file_bytes = offset_;
  return summary_;
}

}  // namespace livedata::storage::segment
