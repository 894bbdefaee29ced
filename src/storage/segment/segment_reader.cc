#include "storage/segment/segment_reader.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/hash.h"
#include "encoding/zstd.h"
#include "storage/columns/column_codec.h"
#include "storage/segment/segment_format.h"

namespace livedata::storage::segment {

struct SegmentReader::PartEntry {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t raw_size = 0;
  std::uint32_t crc = 0;
};

Result<std::shared_ptr<const SegmentReader>> SegmentReader::open(FileSystem& files,
                                                                 const Path& path,
                                                                 const InternStream& intern) {
  LIVEDATA_TRY(auto file, files.open(path));
  // The constructor is private, which std::make_shared can't reach.
  std::shared_ptr<SegmentReader> reader(new SegmentReader(path, std::move(file)));  // NOLINT
  if (auto read = reader->read_metadata(intern); !read)
    return fail(std::move(read).error().with_context(path.string()));
  return reader;
}

Result<void> SegmentReader::read_metadata(const InternStream& intern) {
  if (file_->size() < kHeaderBytes + kFooterBytes)
    return fail(ErrorCode::kCorrupt, "the segment is too short");
  std::string header(kHeaderBytes, '\0');
  LIVEDATA_RETURN_IF_ERROR(file_->read_at(0, header));
  encoding::ByteReader header_in(header);
  if (header_in.bytes(kHeaderMagic.size()) != kHeaderMagic)
    return fail(ErrorCode::kCorrupt, "not a segment file");
  if (const std::uint32_t version = header_in.u32(); version != kVersion) {
    return fail(ErrorCode::kUnsupported, "segment version {}; this livedata reads version {}",
                version, kVersion);
  }
  std::string footer(kFooterBytes, '\0');
  LIVEDATA_RETURN_IF_ERROR(file_->read_at(file_->size() - kFooterBytes, footer));
  const std::size_t body_size = kFooterBytes - 4 - kFooterMagic.size();
  encoding::ByteReader in(footer);
  std::array<PartEntry, 3> parts;
  for (PartEntry& part : parts) part = {in.u64(), in.u64(), in.u64(), in.u32()};
  num_rows_ = in.u64();
  min_timestamp_ = static_cast<TimestampNs>(in.u64());
  max_timestamp_ = static_cast<TimestampNs>(in.u64());
  if (in.u32() != crc32c(std::string_view(footer).substr(0, body_size)) ||
      in.bytes(8) != kFooterMagic) {
    return fail(ErrorCode::kCorrupt, "damaged segment footer");
  }
  LIVEDATA_TRY(const std::string stream_bytes, read_part(parts[0], "stream table"));
  LIVEDATA_TRY(const std::string posting_bytes, read_part(parts[1], "label postings"));
  LIVEDATA_TRY(const std::string directory_bytes, read_part(parts[2], "block directory"));
  encoding::ByteReader stream_in(stream_bytes);
  LIVEDATA_TRY(streams_, decode_streams(stream_in));
  for (StreamEntry& entry : streams_) entry.stream = intern(std::move(entry.stream));
  encoding::ByteReader posting_in(posting_bytes);
  LIVEDATA_TRY(postings_, LabelPostings::decode(posting_in, streams_.size()));
  encoding::ByteReader directory_in(directory_bytes);
  LIVEDATA_TRY(directory_, decode_directory(directory_in, parts[0].offset, streams_.size()));
  return {};
}

Result<std::string> SegmentReader::read_part(const PartEntry& part, std::string_view what) const {
  const std::uint64_t end = file_->size() - kFooterBytes;
  if (part.offset > end || part.size > end - part.offset || part.raw_size > kMaxPartBytes) {
    return fail(ErrorCode::kCorrupt, "the {} lies outside of the file", what);
  }
  std::string frame(static_cast<std::size_t>(part.size), '\0');
  LIVEDATA_RETURN_IF_ERROR(file_->read_at(part.offset, frame));
  if (crc32c(frame) != part.crc) return fail(ErrorCode::kCorrupt, "wrong checksum of the {}", what);
  return encoding::zstd_decompress(frame, static_cast<std::size_t>(part.raw_size));
}

std::string SegmentReader::where(std::size_t block) const {
  return fmt::format("{} block {}", path_.string(), block);
}

std::size_t SegmentReader::part_of(std::size_t block, std::uint32_t kind) const {
  const auto& parts = directory_.blocks[block].parts;
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const ColumnPart& p) { return p.kind == kind; });
  LIVEDATA_CHECK(found != parts.end());  // decode_directory() has seen to it
  return static_cast<std::size_t>(found - parts.begin());
}

Result<std::string> SegmentReader::read_column(std::size_t block, std::size_t part) const {
  const BlockEntry& entry = directory_.blocks[block];
  std::uint64_t offset = entry.offset;
  for (std::size_t i = 0; i < part; ++i) offset += entry.parts[i].size;
  std::string bytes(static_cast<std::size_t>(entry.parts[part].size), '\0');
  LIVEDATA_RETURN_IF_ERROR(file_->read_at(offset, bytes));
  if (crc32c(bytes) != entry.parts[part].crc) {
    return fail(ErrorCode::kCorrupt, "{}: wrong checksum of column {}", where(block), part);
  }
  return bytes;
}

Result<BlockKeys> SegmentReader::read_keys(std::size_t block) const {
  const BlockEntry& entry = directory_.blocks[block];
  LIVEDATA_TRY(const std::string timestamp_bytes,
               read_column(block, part_of(block, kTimestampColumn)));
  LIVEDATA_TRY(const std::string stream_bytes, read_column(block, part_of(block, kStreamColumn)));
  encoding::ByteReader timestamps(timestamp_bytes);
  encoding::ByteReader ordinals(stream_bytes);
  BlockKeys keys;
  LIVEDATA_TRY(keys.timestamps, columns::decode_timestamps(timestamps, entry.num_rows));
  LIVEDATA_TRY(keys.streams, columns::decode_ordinals(ordinals, entry.num_rows, streams_.size()));
  const auto [low, high] = std::minmax_element(keys.streams.begin(), keys.streams.end());
  if (*low < entry.first_stream || *high > entry.last_stream) {
    return fail(ErrorCode::kCorrupt, "{}: streams outside of the directory's bounds", where(block));
  }
  return keys;
}

Result<StringColumn> SegmentReader::read_lines(std::size_t block, bool wanted) const {
  const std::uint32_t num_rows = directory_.blocks[block].num_rows;
  if (!wanted) return StringColumn::adopt({}, std::vector<std::uint32_t>(num_rows, 0));
  LIVEDATA_TRY(const std::string bytes, read_column(block, part_of(block, kLineColumn)));
  encoding::ByteReader in(bytes);
  return columns::decode_string_column(in, num_rows);
}

Result<std::vector<FieldColumn>> SegmentReader::read_fields(
    std::size_t block, const ColumnSelection& selection) const {
  const BlockEntry& entry = directory_.blocks[block];
  std::vector<FieldColumn> fields;
  for (std::size_t part = 0; part < entry.parts.size(); ++part) {
    if (entry.parts[part].kind < kFirstField) continue;
    const FieldKey& key = directory_.fields[entry.parts[part].kind - kFirstField];
    if (!selection.wants_field(key.name)) continue;
    LIVEDATA_TRY(const std::string bytes, read_column(block, part));
    encoding::ByteReader in(bytes);
    LIVEDATA_TRY(auto column, columns::decode_field_column(in, key.name, key.type, entry.num_rows));
    fields.push_back(std::move(column));
  }
  return fields;
}

Result<RecordBatch> SegmentReader::read_block(std::size_t block, BlockKeys keys,
                                              const ColumnSelection& selection) const {
  const BlockEntry& entry = directory_.blocks[block];
  RecordBatch::Columns columns;
  for (StreamOrdinal i = entry.first_stream; i <= entry.last_stream; ++i)
    columns.streams.push_back(streams_[i].stream);
  columns.stream_ordinals = std::move(keys.streams);
  for (std::uint32_t& ordinal : columns.stream_ordinals) ordinal -= entry.first_stream;
  columns.timestamps = std::move(keys.timestamps);
  LIVEDATA_TRY(columns.lines, read_lines(block, selection.lines));
  LIVEDATA_TRY(columns.field_columns, read_fields(block, selection));
  return RecordBatch::adopt(std::move(columns));
}

}  // namespace livedata::storage::segment
