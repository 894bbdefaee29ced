#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

/// Integer columns: one encoding byte, then by encoding
///   1 constant            signed varint value
///   2 frame of reference  signed varint minimum, u8 width, packed (value - minimum)
///   3 delta               signed varint first, signed varint smallest difference, u8 width,
///                         packed (difference - smallest), one fewer than values
/// The shortest is chosen. All arithmetic wraps, so every int64 sequence round-trips. The number of
/// values is not part of the column; whoever stores it knows it.
namespace livedata::encoding {

void encode_integers(std::span<const std::int64_t> values, ByteWriter& out);

/// Reads `count` values. On damage the reader fails and the result is empty. The caller bounds
/// `count`.
std::vector<std::int64_t> decode_integers(ByteReader& in, std::size_t count);

}  // namespace livedata::encoding
