#include "storage/segment/segment_metadata.h"

#include <algorithm>

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

void encode_block(const BlockEntry& block, encoding::ByteWriter& out) {
  out.varint(block.offset);
  out.varint(block.num_rows);
  out.varint(block.raw_bytes);
  encode_bounds(block.min_timestamp, block.max_timestamp, out);
  out.varint(block.first_stream);
  out.varint(block.last_stream);
  out.varint(block.parts.size());
  for (const ColumnPart& part : block.parts) {
    out.varint(part.kind);
    out.varint(part.size);
    out.u32(part.crc);
  }
}

/// False when the parts do not fit between the header and file_size, or name unknown columns.
bool parts_fit(const BlockEntry& block, std::uint64_t file_size, std::size_t num_fields) {
  std::uint64_t end = block.offset;
  if (end < kHeaderBytes || end > file_size) return false;
  for (const ColumnPart& part : block.parts) {
    if (part.kind >= kFirstField + num_fields || part.size > file_size - end) return false;
    end += part.size;
  }
  const auto has = [&](std::uint32_t kind) {
    return std::any_of(block.parts.begin(), block.parts.end(),
                       [&](const ColumnPart& p) { return p.kind == kind; });
  };
  return has(kTimestampColumn) && has(kStreamColumn) && has(kLineColumn);
}

BlockEntry decode_block(encoding::ByteReader& in) {
  BlockEntry block;
  block.offset = in.varint();
  const std::uint64_t num_rows = in.varint();
  if (num_rows == 0 || num_rows > columns::kMaxRows) in.fail();
  block.num_rows = static_cast<std::uint32_t>(num_rows);
  block.raw_bytes = in.varint();
  decode_bounds(in, block.min_timestamp, block.max_timestamp);
  block.first_stream = static_cast<StreamOrdinal>(in.varint());
  block.last_stream = static_cast<StreamOrdinal>(in.varint());
  block.parts.resize(in.count(6));
  for (ColumnPart& part : block.parts) {
    part.kind = static_cast<std::uint32_t>(in.varint());
    part.size = in.varint();
    part.crc = in.u32();
  }
  return block;
}

}  // namespace

void encode_streams(const std::vector<StreamEntry>& streams, encoding::ByteWriter& out) {
  out.varint(streams.size());
  for (const StreamEntry& entry : streams) {
    columns::encode_labels(entry.stream->labels, out);
    out.varint(entry.num_rows);
    encode_bounds(entry.min_timestamp, entry.max_timestamp, out);
  }
}

Result<std::vector<StreamEntry>> decode_streams(encoding::ByteReader& in) {
  std::vector<StreamEntry> streams(in.count(4));
  for (StreamEntry& entry : streams) {
    entry.stream = std::make_shared<const Stream>(columns::decode_labels(in));
    entry.num_rows = in.varint();
    decode_bounds(in, entry.min_timestamp, entry.max_timestamp);
  }
  if (!in.done()) return corrupt("stream table");
  return streams;
}

void encode_directory(const Directory& directory, encoding::ByteWriter& out) {
  out.varint(directory.fields.size());
  for (const FieldKey& field : directory.fields) {
    out.string(field.name);
    out.u8(static_cast<std::uint8_t>(field.type));
  }
  out.varint(directory.blocks.size());
  for (const BlockEntry& block : directory.blocks) encode_block(block, out);
}

Result<Directory> decode_directory(encoding::ByteReader& in, std::uint64_t file_size,
                                   std::size_t num_streams) {
  Directory directory;
  directory.fields.resize(in.count(2));
  for (FieldKey& field : directory.fields) {
    field.name = in.string();
    LIVEDATA_TRY(field.type, columns::decode_field_type(in.u8()));
  }
  directory.blocks.resize(in.count(8));
  for (BlockEntry& block : directory.blocks) {
    block = decode_block(in);
    if (!in.ok() || block.first_stream > block.last_stream || block.last_stream >= num_streams ||
        !parts_fit(block, file_size, directory.fields.size())) {
      return corrupt("block directory");
    }
  }
  if (!in.done()) return corrupt("block directory");
  return directory;
}

}  // namespace livedata::storage::segment
