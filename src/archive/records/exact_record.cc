#include "archive/records/exact_record.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/utf8.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

namespace livedata::archive {
namespace {

constexpr std::uint8_t kVersion = 1;

bool is_plain(const Labels& labels) {
  return std::all_of(labels.begin(), labels.end(), [](const Label& label) {
    return is_utf8(label.name) && is_utf8(label.value);
  });
}

bool is_plain(const FieldColumn& column, std::size_t i) {
  if (column.type == FieldType::kString) return is_utf8(column.strings[i]);
  if (column.type != FieldType::kDouble) return true;
  return column.doubles[i] != 0 || !std::signbit(column.doubles[i]);
}

void encode_value(const FieldValue& value, encoding::ByteWriter& out) {
  if (const auto* text = std::get_if<std::string_view>(&value)) out.string(*text);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) out.signed_varint(*integer);
  if (const auto* number = std::get_if<double>(&value))
    out.u64(std::bit_cast<std::uint64_t>(*number));
  if (const auto* flag = std::get_if<bool>(&value)) out.u8(*flag ? 1 : 0);
}

FieldValue decode_value(std::uint8_t type, encoding::ByteReader& in) {
  switch (type) {
    case 0:
      return in.string();
    case 1:
      return in.signed_varint();
    case 2:
      return std::bit_cast<double>(in.u64());
    case 3:
      return in.u8() != 0;
    default:
      in.fail();
      return false;
  }
}

}  // namespace

std::vector<bool> find_inexact(const RecordBatch& batch) {
  std::vector<bool> plain_streams;
  for (const StreamRef& stream : batch.streams()) plain_streams.push_back(is_plain(stream->labels));
  std::vector<bool> inexact(batch.num_rows());
  for (RowIndex row = 0; row < batch.num_rows(); ++row)
    inexact[row] = !plain_streams[batch.stream_ordinals()[row]] || !is_utf8(batch.line(row));
  for (const FieldColumn& column : batch.field_columns()) {
    const bool is_plain_name = is_utf8(column.name);
    for (std::size_t i = 0; i < column.rows.size(); ++i) {
      if (!is_plain_name || !is_plain(column, i)) inexact[column.rows[i]] = true;
    }
  }
  return inexact;
}

std::string encode_exact(const RecordBatch& batch, RowIndex row) {
  std::string bytes;
  encoding::ByteWriter out(bytes);
  out.u8(kVersion);
  out.string(batch.line(row));
  const Labels& labels = batch.stream(row).labels;
  out.varint(labels.size());
  for (const Label& label : labels) {
    out.string(label.name);
    out.string(label.value);
  }
  const auto fields = batch.fields(row);
  out.varint(fields.size());
  for (const Field& field : fields) {
    out.string(field.name);
    out.u8(static_cast<std::uint8_t>(field.value.index()));
    encode_value(field.value, out);
  }
  return bytes;
}

Result<ExactRecord> decode_exact(std::string_view bytes) {
  encoding::ByteReader in(bytes);
  if (in.u8() != kVersion) in.fail();
  ExactRecord record;
  record.line = in.string();
  record.labels.resize(in.count(2));
  for (Label& label : record.labels) {
    label.name = in.string();
    label.value = in.string();
  }
  record.fields.resize(in.count(3));
  for (Field& field : record.fields) {
    field.name = in.string();
    field.value = decode_value(in.u8(), in);
  }
  if (!in.done()) return fail(ErrorCode::kCorrupt, "damaged record in the column exact");
  return record;
}

}  // namespace livedata::archive
