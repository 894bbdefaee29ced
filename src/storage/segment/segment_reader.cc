#include "storage/segment/segment_reader.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "encoding/zstd.h"
#include "storage/columns/column_codec.h"
#include "storage/segment/metadata_rebuild.h"

namespace livedata::storage::segment {

Result<std::shared_ptr<const SegmentReader>> SegmentReader::open(FileSystem& files,
                                                                 const Path& path,
                                                                 SegmentSharing sharing) {
  LIVEDATA_TRY(auto file, files.open(path));
  // The constructor is private, which std::make_shared can't reach.
  std::shared_ptr<SegmentReader> reader(
      new SegmentReader(path, std::move(file), std::move(sharing)));  // NOLINT
  if (auto read = reader->read_header(); !read)
    return fail(std::move(read).error().with_context(path.string()));
  if (auto read = reader->read_footer(); !read) {
    if (read.error().code != ErrorCode::kCorrupt) return fail(std::move(read).error());
    reader->footer_damage_ = read.error().message;
    LIVEDATA_RETURN_IF_ERROR(reader->do_without_footer());
  }
  return reader;
}

SegmentReader::~SegmentReader() { sharing_.cache->forget(cache_id_); }

Result<void> SegmentReader::read_header() const {
  if (file_->size() < kHeaderBytes) return fail(ErrorCode::kCorrupt, "the segment is too short");
  std::string header(kHeaderBytes, '\0');
  LIVEDATA_RETURN_IF_ERROR(file_->read_at(0, header));
  encoding::ByteReader header_in(header);
  if (header_in.bytes(kHeaderMagic.size()) != kHeaderMagic)
    return fail(ErrorCode::kCorrupt, "not a segment file");
  if (const std::uint32_t version = header_in.u32(); version != kVersion) {
    return fail(ErrorCode::kUnsupported, "segment version {}; this livedata reads version {}",
                version, kVersion);
  }
  if (header_in.u32() != 0) return fail(ErrorCode::kCorrupt, "damaged segment header");
  return {};
}

Result<void> SegmentReader::read_footer() {
  if (file_->size() < kHeaderBytes + kFooterBytes)
    return fail(ErrorCode::kCorrupt, "the segment is too short");
  std::string footer(kFooterBytes, '\0');
  LIVEDATA_RETURN_IF_ERROR(file_->read_at(file_->size() - kFooterBytes, footer));
  const std::size_t body_size = kFooterBytes - 4 - kFooterMagic.size();
  encoding::ByteReader in(footer);
  for (PartEntry& part : parts_) part = {in.u64(), in.u64(), in.u64(), in.u32()};
  num_rows_ = in.u64();
  min_timestamp_ = static_cast<TimestampNs>(in.u64());
  max_timestamp_ = static_cast<TimestampNs>(in.u64());
  if (in.u32() != crc32c(std::string_view(footer).substr(0, body_size)) ||
      in.bytes(kFooterMagic.size()) != kFooterMagic) {
    return fail(ErrorCode::kCorrupt, "damaged segment footer");
  }
  end_of_blocks_ = parts_[kStreamsPart].offset;
  if (end_of_blocks_ > file_->size()) return fail(ErrorCode::kCorrupt, "damaged segment footer");
  return {};
}

Result<void> SegmentReader::do_without_footer() {
  end_of_blocks_ = file_->size();
  LIVEDATA_TRY(const BlockScan scan, scan_blocks());
  if (scan.blocks.empty())
    return fail(ErrorCode::kCorrupt, "{}: {}, and no block can be found", path_.string(),
                footer_damage_);
  min_timestamp_ = scan.blocks.front().min_timestamp;
  max_timestamp_ = scan.blocks.front().max_timestamp;
  num_rows_ = 0;
  for (const BlockEntry& block : scan.blocks) {
    min_timestamp_ = std::min(min_timestamp_, block.min_timestamp);
    max_timestamp_ = std::max(max_timestamp_, block.max_timestamp);
    num_rows_ += block.num_rows;
  }
  return {};
}

Result<std::shared_ptr<const SegmentMetadata>> SegmentReader::metadata() const {
  return sharing_.cache->get<SegmentMetadata>({cache_id_},
                                              [this] { return load_or_rebuild_metadata(); });
}

Result<std::shared_ptr<const SegmentMetadata>> SegmentReader::load_or_rebuild_metadata() const {
  std::string damage = footer_damage_;
  if (damage.empty()) {
    auto loaded = load_metadata();
    if (loaded || loaded.error().code != ErrorCode::kCorrupt) return loaded;
    damage = loaded.error().message;
  }
  LIVEDATA_TRY(SegmentMetadata rebuilt, rebuild_metadata(*this, *sharing_.streams));
  rebuilt.damage = std::move(damage);
  return std::make_shared<const SegmentMetadata>(std::move(rebuilt));
}

Result<std::shared_ptr<const SegmentMetadata>> SegmentReader::load_metadata() const {
  LIVEDATA_TRY(const std::string stream_bytes, read_metadata_part(kStreamsPart, "stream table"));
  LIVEDATA_TRY(const std::string label_bytes, read_metadata_part(kLabelsPart, "label postings"));
  LIVEDATA_TRY(const std::string directory_bytes,
               read_metadata_part(kDirectoryPart, "block directory"));
  LIVEDATA_TRY(const std::string gram_bytes, read_metadata_part(kGramsPart, "gram filter"));
  auto out = std::make_shared<SegmentMetadata>();
  encoding::ByteReader stream_in(stream_bytes);
  LIVEDATA_TRY(out->streams, decode_streams(stream_in));
  encoding::ByteReader label_in(label_bytes);
  LIVEDATA_TRY(out->postings, LabelPostings::decode(label_in, out->streams.size()));
  std::vector<Labels> labels = out->postings.label_sets();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    out->streams[i].stream =
        sharing_.streams->intern(std::make_shared<const Stream>(std::move(labels[i])));
  }
  encoding::ByteReader directory_in(directory_bytes);
  LIVEDATA_TRY(out->blocks,
               decode_directory(directory_in, parts_[kStreamsPart].offset, out->streams.size()));
  if (!gram_bytes.empty()) {
    encoding::ByteReader gram_in(gram_bytes);
    LIVEDATA_TRY(out->grams, encoding::GramFilter::decode(gram_in));
  }
  return out;
}

Result<std::string> SegmentReader::read_metadata_part(Part which, std::string_view what) const {
  const PartEntry& part = parts_[which];
  const std::uint64_t end = file_->size() - kFooterBytes;
  if (part.offset > end || part.size > end - part.offset || part.raw_size > kMaxPartBytes) {
    return fail(ErrorCode::kCorrupt, "{}: the {} lies outside of the file", path_.string(), what);
  }
  std::string bytes(static_cast<std::size_t>(part.size), '\0');
  LIVEDATA_RETURN_IF_ERROR(file_->read_at(part.offset, bytes));
  if (crc32c(bytes) != part.crc)
    return fail(ErrorCode::kCorrupt, "{}: wrong checksum of the {}", path_.string(), what);
  if (part.raw_size == 0) return bytes;
  return encoding::zstd_decompress(bytes, static_cast<std::size_t>(part.raw_size));
}

std::string SegmentReader::where(const BlockEntry& block) const {
  return fmt::format("{}, block at byte {}", path_.string(), block.offset);
}

Result<std::string> SegmentReader::read_part(const BlockEntry& block, const BlockPart& part) const {
  std::uint64_t offset = block.offset;
  for (const BlockPart& before : block.parts) {
    if (&before == &part) break;
    offset += before.size;
  }
  std::string bytes(static_cast<std::size_t>(part.size), '\0');
  LIVEDATA_RETURN_IF_ERROR(file_->read_at(offset, bytes));
  if (crc32c(bytes) != part.crc) {
    return fail(ErrorCode::kCorrupt, "{}: wrong checksum of the part at byte {}", where(block),
                offset);
  }
  return bytes;
}

Result<BlockKeys> SegmentReader::read_keys(const SegmentMetadata& metadata,
                                           const BlockEntry& block) const {
  LIVEDATA_TRY(const std::string timestamp_bytes,
               read_part(block, *block.find(PartKind::kTimestamps)));
  LIVEDATA_TRY(const std::string stream_bytes, read_part(block, *block.find(PartKind::kStreams)));
  encoding::ByteReader timestamps(timestamp_bytes);
  encoding::ByteReader ordinals(stream_bytes);
  BlockKeys keys;
  LIVEDATA_TRY(keys.timestamps, columns::decode_timestamps(timestamps, block.num_rows));
  LIVEDATA_TRY(keys.streams,
               columns::decode_ordinals(ordinals, block.num_rows, metadata.streams.size()));
  const auto [low, high] = std::minmax_element(keys.streams.begin(), keys.streams.end());
  if (*low < block.first_stream || *high > block.last_stream) {
    return fail(ErrorCode::kCorrupt, "{}: streams outside of the directory's bounds", where(block));
  }
  return keys;
}

Result<StringColumn> SegmentReader::read_lines(const BlockEntry& block, bool wanted) const {
  if (!wanted) return StringColumn::adopt({}, std::vector<std::uint32_t>(block.num_rows, 0));
  LIVEDATA_TRY(const std::string bytes, read_part(block, *block.find(PartKind::kLines)));
  encoding::ByteReader in(bytes);
  auto lines = columns::decode_string_column(in, block.num_rows);
  if (!lines) return fail(std::move(lines).error().with_context(where(block)));
  return lines;
}

Result<std::vector<FieldColumn>> SegmentReader::read_fields(
    const BlockEntry& block, const ColumnSelection& selection) const {
  std::vector<FieldColumn> fields;
  for (const BlockPart& part : block.parts) {
    if (part.kind != PartKind::kField || !selection.wants_field(part.field)) continue;
    LIVEDATA_TRY(const std::string bytes, read_part(block, part));
    encoding::ByteReader in(bytes);
    auto column = columns::decode_field_column(in, part.field, part.type, block.num_rows);
    if (!column) return fail(std::move(column).error().with_context(where(block)));
    fields.push_back(*std::move(column));
  }
  return fields;
}

Result<RecordBatch> SegmentReader::read_block(const SegmentMetadata& metadata,
                                              const BlockEntry& block, BlockKeys keys,
                                              const ColumnSelection& selection) const {
  RecordBatch::Columns columns;
  for (StreamOrdinal i = block.first_stream; i <= block.last_stream; ++i)
    columns.streams.push_back(metadata.streams[i].stream);
  columns.stream_ordinals = std::move(keys.streams);
  for (std::uint32_t& ordinal : columns.stream_ordinals) ordinal -= block.first_stream;
  columns.timestamps = std::move(keys.timestamps);
  LIVEDATA_TRY(columns.lines, read_lines(block, selection.lines));
  LIVEDATA_TRY(columns.field_columns, read_fields(block, selection));
  return RecordBatch::adopt(std::move(columns));
}

Result<RecordBatch> SegmentReader::read_rows(const SegmentMetadata& metadata,
                                             const BlockEntry& block,
                                             const ColumnSelection& selection,
                                             const Deadline& deadline) const {
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  LIVEDATA_TRY(BlockKeys keys, read_keys(metadata, block));
  return read_block(metadata, block, std::move(keys), selection);
}

Result<std::optional<encoding::GramFilter>> SegmentReader::read_grams(
    const BlockEntry& block) const {
  const BlockPart* part = block.find(PartKind::kGrams);
  if (part == nullptr) return std::optional<encoding::GramFilter>();
  LIVEDATA_TRY(const std::string bytes, read_part(block, *part));
  encoding::ByteReader in(bytes);
  LIVEDATA_TRY(encoding::GramFilter filter, encoding::GramFilter::decode(in));
  return std::optional(std::move(filter));
}

Result<std::shared_ptr<const encoding::GramFilter>> SegmentReader::cached_grams(
    const BlockEntry& block) const {
  using Filter = std::shared_ptr<const encoding::GramFilter>;
  if (block.find(PartKind::kGrams) == nullptr) return Filter();
  return sharing_.cache->get<encoding::GramFilter>(
      {cache_id_, block.offset}, [&]() -> Result<Filter> {
        LIVEDATA_TRY(auto filter, read_grams(block));
        return filter ? std::make_shared<const encoding::GramFilter>(*std::move(filter)) : Filter();
      });
}

Result<std::optional<encoding::BloomFilter>> SegmentReader::read_values(
    const BlockEntry& block) const {
  const BlockPart* part = block.find(PartKind::kValues);
  if (part == nullptr) return std::optional<encoding::BloomFilter>();
  LIVEDATA_TRY(const std::string bytes, read_part(block, *part));
  encoding::ByteReader in(bytes);
  LIVEDATA_TRY(encoding::BloomFilter filter, encoding::BloomFilter::decode(in));
  return std::optional(std::move(filter));
}

}  // namespace livedata::storage::segment
