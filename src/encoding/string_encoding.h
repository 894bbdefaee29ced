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

/// String columns: one encoding byte, then by encoding
///   1 constant    string
///   2 dictionary  varint size, that many strings, integer column of indexes
///   3 zstd        integer column of lengths, varint raw size, string holding one zstd frame
///   4 raw         integer column of lengths, string holding the values
/// A dictionary is taken for at most 255 different values of which the average one comes four
/// times; raw where zstd saves less than an eighth. The number of values is not part of the column.
namespace livedata::encoding {

/// Values one behind the other with the end offset of each.
struct Strings {
  std::string bytes;
  std::vector<std::uint32_t> ends;
};

/// zstd level that means: never encoding 3, for bytes that must be written fast and live shortly.
constexpr int kNoZstd = 0;

/// `bytes` and `ends` as in Strings. `zstd_level` is for encoding 3.
void encode_strings(std::string_view bytes, std::span<const std::uint32_t> ends, int zstd_level,
                    ByteWriter& out);

/// Reads `count` values of at most `max_bytes` together; kCorrupt otherwise.
Result<Strings> decode_strings(ByteReader& in, std::size_t count, std::size_t max_bytes);

}  // namespace livedata::encoding
