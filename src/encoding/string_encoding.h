#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoding/byte_reader.h"
#include "encoding/byte_writer.h"
#include "encoding/text_codec.h"

/// String columns: one encoding byte, then by encoding
///   1 constant    string
///   2 dictionary  varint size, that many strings, integer column of indexes
///   3 zstd        integer column of lengths, varint raw size, string holding one zstd frame
///   4 raw         integer column of lengths, string holding the values
///   5 lz4         integer column of lengths, varint raw size, string holding one LZ4 block
///   6 separated   u8 separator, varint raw size, string holding one zstd frame of the values, each
///                 with the separator behind it
/// A dictionary is taken for at most 255 different values of which the average one comes four
/// times; raw where compression saves less than an eighth. The number of values is not part of the
/// column.
namespace livedata::encoding {

/// Values one behind the other with the end offset of each.
struct Strings {
  std::string bytes;
  std::vector<std::uint32_t> ends;
};

/// `bytes` and `ends` as in Strings. `codec` is for what is no dictionary.
void encode_strings(std::string_view bytes, std::span<const std::uint32_t> ends, TextCodec codec,
                    ByteWriter& out);

/// Reads `count` values of at most `max_bytes` together; kCorrupt otherwise.
Result<Strings> decode_strings(ByteReader& in, std::size_t count, std::size_t max_bytes);

/// Name of the encoding of a column that starts with this byte, for people; "unknown" for others.
std::string_view string_encoding_name(std::uint8_t encoding);

}  // namespace livedata::encoding
