#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"

/// Columns of doubles: one encoding byte, then by encoding
///   1 decimal  u8 digits, integer column of value * 10^digits: where that restores every value's
///   bits 2 bits     integer column of the values' bit patterns
namespace livedata::encoding {

void encode_doubles(std::span<const double> values, ByteWriter& out);

/// Reads `count` values. On damage the reader fails and the result is empty. The caller bounds
/// `count`.
std::vector<double> decode_doubles(ByteReader& in, std::size_t count);

}  // namespace livedata::encoding
