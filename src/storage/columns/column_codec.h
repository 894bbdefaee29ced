#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"
#include "encoding/text_codec.h"
#include "model/record_batch.h"

/// Columns of record batches as bytes, for the WAL and for segment blocks. Decoders take bytes that
/// may be damaged in spite of their checksum: every count is bounded and every index checked;
/// kCorrupt otherwise.
namespace livedata::storage::columns {

/// Rows of one batch or block. Bounds what a damaged count can allocate: equal values take no
/// bytes, so that the size of the input does not.
constexpr std::size_t kMaxRows = std::size_t{1} << 24U;
/// Bytes of one decoded string column.
constexpr std::size_t kMaxColumnBytes = std::size_t{1} << 28U;

void encode_timestamps(std::span<const TimestampNs> timestamps, encoding::ByteWriter& out);
Result<std::vector<TimestampNs>> decode_timestamps(encoding::ByteReader& in, std::size_t num_rows);

/// Run lengths: varint number of runs, integer column of values, integer column of lengths. For
/// ordinals that come in runs, as in sorted blocks.
void encode_ordinals(std::span<const std::uint32_t> ordinals, encoding::ByteWriter& out);
/// Ordinals are below `limit`.
Result<std::vector<std::uint32_t>> decode_ordinals(encoding::ByteReader& in, std::size_t num_rows,
                                                   std::size_t limit);

void encode_string_column(const StringColumn& column, encoding::TextCodec codec,
                          encoding::ByteWriter& out);
Result<StringColumn> decode_string_column(encoding::ByteReader& in, std::size_t num_values);

/// Presence (u8 1: every row has a value; 0: varint count and integer column of rows), then the
/// values by type. Name and type are stored by the caller.
void encode_field_column(const FieldColumn& column, std::size_t num_rows, encoding::TextCodec codec,
                         encoding::ByteWriter& out);
Result<FieldColumn> decode_field_column(encoding::ByteReader& in, std::string_view name,
                                        FieldType type, std::size_t num_rows);

/// kCorrupt for a byte that names no field type.
Result<FieldType> decode_field_type(std::uint8_t byte);

void encode_labels(const Labels& labels, encoding::ByteWriter& out);
Labels decode_labels(encoding::ByteReader& in);

}  // namespace livedata::storage::columns
