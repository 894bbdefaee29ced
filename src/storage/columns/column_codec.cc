#include "storage/columns/column_codec.h"

#include <algorithm>
#include <string>

#include "encoding/double_column.h"
#include "encoding/integer_column.h"
#include "encoding/string_encoding.h"

namespace livedata::storage::columns {
namespace {

tl::unexpected<Error> corrupt(std::string_view what) {
  return fail(ErrorCode::kCorrupt, "damaged {} column", what);
}

std::vector<std::int64_t> widened(std::span<const std::uint32_t> values) {
  return {values.begin(), values.end()};
}

/// Row numbers of a sparse column: ascending and below num_rows.
Result<std::vector<RowIndex>> decode_rows(encoding::ByteReader& in, std::size_t num_rows) {
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > num_rows) return corrupt("field row");
  const std::vector<std::int64_t> wide =
      encoding::decode_integers(in, static_cast<std::size_t>(count));
  if (!in.ok()) return corrupt("field row");
  std::vector<RowIndex> rows;
  rows.reserve(wide.size());
  std::int64_t previous = -1;
  for (const std::int64_t row : wide) {
    if (row <= previous || static_cast<std::uint64_t>(row) >= num_rows) return corrupt("field row");
    rows.push_back(static_cast<RowIndex>(row));
    previous = row;
  }
  return rows;
}

}  // namespace

void encode_timestamps(std::span<const TimestampNs> timestamps, encoding::ByteWriter& out) {
  encoding::encode_integers(timestamps, out);
}

Result<std::vector<TimestampNs>> decode_timestamps(encoding::ByteReader& in, std::size_t num_rows) {
  std::vector<TimestampNs> timestamps = encoding::decode_integers(in, num_rows);
  if (!in.ok()) return corrupt("timestamp");
  return timestamps;
}

void encode_ordinals(std::span<const std::uint32_t> ordinals, encoding::ByteWriter& out) {
  std::vector<std::int64_t> values;
  std::vector<std::int64_t> lengths;
  for (const std::uint32_t ordinal : ordinals) {
    if (values.empty() || values.back() != ordinal) {
      values.push_back(ordinal);
      lengths.push_back(0);
    }
    ++lengths.back();
  }
  out.varint(values.size());
  encoding::encode_integers(values, out);
  encoding::encode_integers(lengths, out);
}

Result<std::vector<std::uint32_t>> decode_ordinals(encoding::ByteReader& in, std::size_t num_rows,
                                                   std::size_t limit) {
  const std::uint64_t runs = in.varint();
  if (!in.ok() || runs > num_rows) return corrupt("stream");
  const auto values = encoding::decode_integers(in, static_cast<std::size_t>(runs));
  const auto lengths = encoding::decode_integers(in, static_cast<std::size_t>(runs));
  if (!in.ok()) return corrupt("stream");
  std::vector<std::uint32_t> ordinals;
  ordinals.reserve(num_rows);
  for (std::size_t run = 0; run < values.size(); ++run) {
    const auto length = static_cast<std::uint64_t>(lengths[run]);
    if (values[run] < 0 || static_cast<std::uint64_t>(values[run]) >= limit ||
        length > num_rows - ordinals.size()) {
      return corrupt("stream");
    }
    ordinals.insert(ordinals.end(), static_cast<std::size_t>(length),
                    static_cast<std::uint32_t>(values[run]));
  }
  if (ordinals.size() != num_rows) return corrupt("stream");
  return ordinals;
}

void encode_string_column(const StringColumn& column, encoding::TextCodec codec,
                          encoding::ByteWriter& out) {
  encoding::encode_strings(column.bytes(), column.ends(), codec, out);
}

Result<StringColumn> decode_string_column(encoding::ByteReader& in, std::size_t num_values) {
  LIVEDATA_TRY(encoding::Strings strings,
               encoding::decode_strings(in, num_values, kMaxColumnBytes));
  return StringColumn::adopt(std::move(strings.bytes), std::move(strings.ends));
}

void encode_field_column(const FieldColumn& column, std::size_t num_rows, encoding::TextCodec codec,
                         encoding::ByteWriter& out) {
  const bool dense = column.rows.size() == num_rows;
  out.u8(dense ? 1 : 0);
  if (!dense) {
    out.varint(column.rows.size());
    encoding::encode_integers(widened(column.rows), out);
  }
  switch (column.type) {
    case FieldType::kString:
      encode_string_column(column.strings, codec, out);
      break;
    case FieldType::kInt64:
    case FieldType::kBool:
      encoding::encode_integers(column.integers, out);
      break;
    case FieldType::kDouble:
      encoding::encode_doubles(column.doubles, out);
      break;
  }
}

Result<FieldColumn> decode_field_column(encoding::ByteReader& in, std::string_view name,
                                        FieldType type, std::size_t num_rows) {
  FieldColumn column;
  column.name = name;
  column.type = type;
  if (in.u8() == 1) {
    column.rows.resize(num_rows);
    for (RowIndex row = 0; row < num_rows; ++row) column.rows[row] = row;
  } else {
    LIVEDATA_TRY(column.rows, decode_rows(in, num_rows));
  }
  const std::size_t count = column.rows.size();
  switch (type) {
    case FieldType::kString: {
      LIVEDATA_TRY(column.strings, decode_string_column(in, count));
      break;
    }
    case FieldType::kInt64:
    case FieldType::kBool:
      column.integers = encoding::decode_integers(in, count);
      break;
    case FieldType::kDouble:
      column.doubles = encoding::decode_doubles(in, count);
      break;
  }
  if (!in.ok()) return corrupt("field");
  return column;
}

Result<FieldType> decode_field_type(std::uint8_t byte) {
  if (byte > static_cast<std::uint8_t>(FieldType::kBool)) {
    return fail(ErrorCode::kUnsupported, "field type {} is unknown; it needs a newer livedata",
                byte);
  }
  return static_cast<FieldType>(byte);
}

void encode_labels(const Labels& labels, encoding::ByteWriter& out) {
  out.varint(labels.size());
  for (const Label& label : labels) {
    out.string(label.name);
    out.string(label.value);
  }
}

Labels decode_labels(encoding::ByteReader& in) {
  std::vector<Label> labels(in.count(2));
  for (Label& label : labels) {
    label.name = in.string();
    label.value = in.string();
  }
  return Labels(std::move(labels));
}

}  // namespace livedata::storage::columns
