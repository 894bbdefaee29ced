#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace livedata::encoding {

/// Bits that the largest value needs: 0 for 0, 64 at most.
unsigned bit_width_of(std::uint64_t largest);

/// Bytes of `count` values of `width` bits each, the last byte filled with zeros.
constexpr std::size_t packed_size(std::size_t count, unsigned width) {
  return (count * width + 7) / 8;
}

/// Appends each value's low `width` bits, lowest bit first, without gaps.
void pack_bits(std::span<const std::uint64_t> values, unsigned width, std::string& out);

/// Reverses pack_bits() into all of `values`. Precondition: in.size() == packed_size(values.size(),
/// width).
void unpack_bits(std::string_view in, unsigned width, std::span<std::uint64_t> values);

}  // namespace livedata::encoding
