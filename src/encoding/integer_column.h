#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

/// Integer columns: one encoding byte, then by encoding
///   1 constant            signed varint value
///   2 frame of reference  frame of the values
///   3 delta               signed varint first, frame of the differences, one fewer than values
///   4 delta dictionary    signed varint first, varint size, that many signed varints, packed
///                         indexes of the differences, one fewer than values
///   frame = signed varint minimum, varint scale, u8 width, packed ((value - minimum) / scale)
/// The scale is the greatest common divisor, which makes milliseconds cheap in a column of
/// nanoseconds; the dictionary serves clocks that tick irregularly in few steps. The shortest is
/// chosen. All arithmetic wraps, so every int64 sequence round-trips. The number of values is not
/// part of the column; whoever stores it knows it.
namespace livedata::encoding {

void encode_integers(std::span<const std::int64_t> values, ByteWriter& out);

/// Reads `count` values. On damage the reader fails and the result is empty. The caller bounds
/// `count`.
std::vector<std::int64_t> decode_integers(ByteReader& in, std::size_t count);

/// Name of the encoding of a column that starts with this byte, for people; "unknown" for others.
std::string_view integer_encoding_name(std::uint8_t encoding);

}  // namespace livedata::encoding
