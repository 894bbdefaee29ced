#include "storage/columns/batch_codec.h"

#include <unordered_set>

#include "encoding/string_encoding.h"
#include "storage/columns/column_codec.h"

namespace livedata::storage::columns {
namespace {

constexpr std::uint8_t kVersion = 1;

Result<std::vector<StreamRef>> decode_streams(encoding::ByteReader& in) {
  std::vector<StreamRef> streams(in.count());
  std::unordered_set<StreamId> ids;
  for (StreamRef& stream : streams) {
    stream = std::make_shared<const Stream>(decode_labels(in));
    ids.insert(stream->id);
  }
  if (!in.ok() || ids.size() != streams.size())
    return fail(ErrorCode::kCorrupt, "damaged stream labels");
  return streams;
}

Result<std::vector<FieldColumn>> decode_fields(encoding::ByteReader& in, std::size_t num_rows) {
  std::vector<FieldColumn> fields(in.count(2));
  for (FieldColumn& field : fields) {
    const std::string_view name = in.string();
    LIVEDATA_TRY(const FieldType type, decode_field_type(in.u8()));
    LIVEDATA_TRY(field, decode_field_column(in, name, type, num_rows));
  }
  return fields;
}

}  // namespace

std::string encode_batch(const RecordBatch& batch) {
  std::string bytes;
  encode_batch(batch, bytes);
  return bytes;
}

void encode_batch(const RecordBatch& batch, std::string& bytes) {
  bytes.reserve(bytes.size() + batch.size_bytes() + batch.size_bytes() / 8);
  encoding::ByteWriter out(bytes);
  out.u8(kVersion);
  out.varint(batch.streams().size());
  for (const StreamRef& stream : batch.streams()) encode_labels(stream->labels, out);
  out.varint(batch.num_rows());
  encode_timestamps(batch.timestamps(), out);
  encode_ordinals(batch.stream_ordinals(), out);
  encode_string_column(batch.lines(), encoding::TextCodec::raw(), out);
  out.varint(batch.field_columns().size());
  for (const FieldColumn& field : batch.field_columns()) {
    out.string(field.name);
    out.u8(static_cast<std::uint8_t>(field.type));
    encode_field_column(field, batch.num_rows(), encoding::TextCodec::raw(), out);
  }
}

Result<RecordBatch> decode_batch(std::string_view bytes) {
  encoding::ByteReader in(bytes);
  if (const std::uint8_t version = in.u8(); version != kVersion) {
    return fail(ErrorCode::kUnsupported,
                "record batch version {} is unknown; it needs a newer livedata", version);
  }
  RecordBatch::Columns columns;
  LIVEDATA_TRY(columns.streams, decode_streams(in));
  const std::uint64_t num_rows = in.varint();
  if (!in.ok() || num_rows > kMaxRows) return fail(ErrorCode::kCorrupt, "damaged row count");
  const auto rows = static_cast<std::size_t>(num_rows);
  LIVEDATA_TRY(columns.timestamps, decode_timestamps(in, rows));
  LIVEDATA_TRY(columns.stream_ordinals, decode_ordinals(in, rows, columns.streams.size()));
  LIVEDATA_TRY(columns.lines, decode_string_column(in, rows));
  LIVEDATA_TRY(columns.field_columns, decode_fields(in, rows));
  if (!in.done()) return fail(ErrorCode::kCorrupt, "bytes behind the last column");
  return RecordBatch::adopt(std::move(columns));
}

}  // namespace livedata::storage::columns
