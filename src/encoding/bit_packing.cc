#include "encoding/bit_packing.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace livedata::encoding {

// 128 bits hold a value of 64 at any bit offset within a byte.
__extension__ using Uint128 = unsigned __int128;

unsigned bit_width_of(std::uint64_t largest) {
  return static_cast<unsigned>(std::bit_width(largest));
}

void pack_bits(std::span<const std::uint64_t> values, unsigned width, std::string& out) {
  if (width == 0) return;
  const std::size_t begin = out.size();
  out.resize(begin + packed_size(values.size(), width));
  char* to = out.data() + begin;
  // `pending` holds `filled` bits that are not written yet, always fewer than 8.
  Uint128 pending = 0;
  unsigned filled = 0;
  for (const std::uint64_t value : values) {
    pending |= static_cast<Uint128>(value) << filled;
    filled += width;
    while (filled >= 8) {
      *to++ = static_cast<char>(static_cast<std::uint8_t>(pending));
      pending >>= 8U;
      filled -= 8;
    }
  }
  if (filled > 0) *to = static_cast<char>(static_cast<std::uint8_t>(pending));
}

void unpack_bits(std::string_view in, unsigned width, std::span<std::uint64_t> values) {
  LIVEDATA_CHECK(width <= 64 && in.size() == packed_size(values.size(), width));
  if (width == 0) {
    std::fill(values.begin(), values.end(), 0);
    return;
  }
  const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  // One unaligned load of 8 bytes covers a value of up to 57 bits at any bit offset.
  constexpr unsigned kSingleLoadWidth = 57;
  std::size_t bit = 0;
  for (std::uint64_t& value : values) {
    const std::size_t byte = bit / 8;
    const auto shift = static_cast<unsigned>(bit % 8);
    if (width <= kSingleLoadWidth && byte + 8 <= in.size()) {
      std::uint64_t word = 0;
      std::memcpy(&word, in.data() + byte, sizeof word);
      value = (word >> shift) & mask;
    } else {
      Uint128 wide = 0;
      const std::size_t available = std::min<std::size_t>(in.size() - byte, 9);
      std::memcpy(&wide, in.data() + byte, available);
      value = static_cast<std::uint64_t>(wide >> shift) & mask;
    }
    bit += width;
  }
}

}  // namespace livedata::encoding
