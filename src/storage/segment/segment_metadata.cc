#include "storage/segment/segment_metadata.h"

#include <algorithm>

#include "encoding/integer_column.h"
#include "encoding/zstd.h"
#include "storage/columns/column_codec.h"
#include "storage/segment/segment_format.h"

namespace livedata::storage::segment {
namespace {

tl::unexpected<Error> corrupt(std::string_view what) {
  return fail(ErrorCode::kCorrupt, "damaged {}", what);
}

void encode_bounds(TimestampNs low, TimestampNs high, encoding::ByteWriter& out) {
  out.signed_varint(low);
  out.varint(static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low));
}

void decode_bounds(encoding::ByteReader& in, TimestampNs& low, TimestampNs& high) {
  low = in.signed_varint();
  high = static_cast<TimestampNs>(static_cast<std::uint64_t>(low) + in.varint());
  if (high < low) in.fail();
}

BlockPart decode_part(encoding::ByteReader& in) {
  BlockPart part;
  const std::uint8_t kind = in.u8();
  part.kind = static_cast<PartKind>(kind);
  if (kind > static_cast<std::uint8_t>(PartKind::kLabels)) in.fail();
  if (part.kind == PartKind::kField) {
    part.field = in.string();
    const auto type = columns::decode_field_type(in.u8());
    if (!type) in.fail();
    part.type = type.value_or(FieldType::kString);
  }
  part.size = in.varint();
  part.crc = in.u32();
  return part;
}

template <class Get>
void encode_column(const std::vector<StreamEntry>& streams, const Get& get,
                   encoding::ByteWriter& out) {
  std::vector<std::int64_t> values;
  values.reserve(streams.size());
  for (const StreamEntry& entry : streams) values.push_back(get(entry));
  encoding::encode_integers(values, out);
}

}  // namespace

const BlockPart* BlockEntry::find(PartKind kind) const {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const BlockPart& p) { return p.kind == kind; });
  return found == parts.end() ? nullptr : &*found;
}

bool BlockEntry::has_typed_field(std::string_view name) const {
  return std::any_of(parts.begin(), parts.end(), [&](const BlockPart& p) {
    return p.kind == PartKind::kField && p.type != FieldType::kString && p.field == name;
  });
}

std::size_t SegmentMetadata::size_bytes() const {
  // Streams are shared with other segments, but somebody has to answer for them.
  constexpr std::size_t kStreamBytes = 256;
  std::size_t bytes = streams.size() * (sizeof(StreamEntry) + kStreamBytes) + postings.size_bytes();
  for (const BlockEntry& block : blocks)
    bytes += sizeof block + block.counts.size() + block.parts.size() * sizeof(BlockPart);
  return bytes + (grams ? grams->size_bytes() : 0);
}

std::uint64_t value_hash(std::string_view field, std::string_view value) {
  return hash64(value, hash64(field));
}

void encode_streams(const std::vector<StreamEntry>& streams, encoding::ByteWriter& out) {
  out.varint(streams.size());
  encode_column(
      streams, [](const StreamEntry& s) { return static_cast<std::int64_t>(s.num_rows); }, out);
  encode_column(streams, [](const StreamEntry& s) { return s.min_timestamp; }, out);
  encode_column(streams, [](const StreamEntry& s) { return s.max_timestamp; }, out);
}

Result<std::vector<StreamEntry>> decode_streams(encoding::ByteReader& in) {
  // Equal numbers take no bytes, so the input does not bound their count.
  constexpr std::uint64_t kMaxStreams = std::uint64_t{1} << 22U;
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > kMaxStreams) return corrupt("stream table");
  const auto n = static_cast<std::size_t>(count);
  const auto rows = encoding::decode_integers(in, n);
  const auto mins = encoding::decode_integers(in, n);
  const auto maxs = encoding::decode_integers(in, n);
  if (!in.done()) return corrupt("stream table");
  std::vector<StreamEntry> streams(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (rows[i] <= 0 || maxs[i] < mins[i]) return corrupt("stream table");
    streams[i] = {{}, static_cast<std::uint64_t>(rows[i]), mins[i], maxs[i]};
  }
  return streams;
}

std::string encode_block_labels(std::span<const StreamRef> streams) {
  constexpr int kZstdLevel = 3;
  std::string raw;
  encoding::ByteWriter raw_out(raw);
  LabelPostings::build(streams).encode(raw_out);
  std::string bytes;
  encoding::ByteWriter out(bytes);
  out.varint(raw.size());
  out.bytes(encoding::zstd_compress(raw, kZstdLevel));
  return bytes;
}

Result<std::vector<Labels>> decode_block_labels(std::string_view bytes, std::size_t num_streams) {
  encoding::ByteReader in(bytes);
  const std::uint64_t raw_size = in.varint();
  if (!in.ok() || raw_size > kMaxPartBytes) return corrupt("block labels");
  LIVEDATA_TRY(
      const std::string raw,
      encoding::zstd_decompress(in.bytes(in.remaining()), static_cast<std::size_t>(raw_size)));
  encoding::ByteReader raw_in(raw);
  LIVEDATA_TRY(const LabelPostings postings, LabelPostings::decode(raw_in, num_streams));
  return postings.label_sets();
}

void encode_block(const BlockEntry& block, encoding::ByteWriter& out) {
  out.varint(block.num_rows);
  out.varint(block.raw_bytes);
  encode_bounds(block.min_timestamp, block.max_timestamp, out);
  out.varint(block.first_stream);
  out.varint(block.last_stream);
  out.string(block.counts);
  out.varint(block.parts.size());
  for (const BlockPart& part : block.parts) {
    out.u8(static_cast<std::uint8_t>(part.kind));
    if (part.kind == PartKind::kField) {
      out.string(part.field);
      out.u8(static_cast<std::uint8_t>(part.type));
    }
    out.varint(part.size);
    out.u32(part.crc);
  }
}

BlockEntry decode_block(encoding::ByteReader& in) {
  BlockEntry block;
  const std::uint64_t num_rows = in.varint();
  if (num_rows == 0 || num_rows > columns::kMaxRows) in.fail();
  block.num_rows = static_cast<std::uint32_t>(num_rows);
  block.raw_bytes = in.varint();
  decode_bounds(in, block.min_timestamp, block.max_timestamp);
  const std::uint64_t first = in.varint();
  const std::uint64_t last = in.varint();
  if (first > last || last > ~StreamOrdinal{0}) in.fail();
  block.first_stream = static_cast<StreamOrdinal>(first);
  block.last_stream = static_cast<StreamOrdinal>(last);
  block.counts = in.string();
  block.parts.resize(in.count(6));
  for (BlockPart& part : block.parts) part = decode_part(in);
  return block;
}

bool is_sound(const BlockEntry& block, std::uint64_t file_size, std::size_t num_streams) {
  std::uint64_t end = block.offset;
  if (end < kHeaderBytes + kBlockHeaderBytes || end > file_size) return false;
  for (const BlockPart& part : block.parts) {
    if (part.size > file_size - end) return false;
    end += part.size;
  }
  return block.last_stream < num_streams && block.find(PartKind::kTimestamps) != nullptr &&
         block.find(PartKind::kStreams) != nullptr && block.find(PartKind::kLines) != nullptr;
}

void encode_directory(const std::vector<BlockEntry>& blocks, encoding::ByteWriter& out) {
  out.varint(blocks.size());
  for (const BlockEntry& block : blocks) {
    out.varint(block.offset);
    encode_block(block, out);
  }
}

Result<std::vector<BlockEntry>> decode_directory(encoding::ByteReader& in, std::uint64_t file_size,
                                                 std::size_t num_streams) {
  std::vector<BlockEntry> blocks(in.count(8));
  for (BlockEntry& block : blocks) {
    const std::uint64_t offset = in.varint();
    block = decode_block(in);
    block.offset = offset;
    if (!in.ok() || !is_sound(block, file_size, num_streams)) return corrupt("block directory");
  }
  if (!in.done()) return corrupt("block directory");
  return blocks;
}

}  // namespace livedata::storage::segment
