#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace livedata {

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  auto operator<=>(const Hash128&) const = default;
};

/// XXH3, 64 bits. Stable across machines and versions: it is stored on disk.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);
/// XXH3, 128 bits. Stable across machines and versions: it is stored on disk.
Hash128 hash128(std::string_view bytes);

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of bytes, continuing from crc.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace livedata

template <>
struct std::hash<livedata::Hash128> {
  std::size_t operator()(const livedata::Hash128& h) const noexcept {
    return h.low ^ (h.high * 0x9E3779B97F4A7C15ULL);
  }
};
