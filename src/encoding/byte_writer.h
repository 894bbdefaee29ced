#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace livedata::encoding {

/// Maps small magnitudes of both signs to small unsigned numbers.
constexpr std::uint64_t zigzag(std::int64_t v) {
  return (static_cast<std::uint64_t>(v) << 1U) ^ static_cast<std::uint64_t>(v >> 63U);
}
constexpr std::int64_t unzigzag(std::uint64_t v) {
  return static_cast<std::int64_t>(v >> 1U) ^ -static_cast<std::int64_t>(v & 1U);
}

/// Appends values to a byte string: fixed integers little-endian, varints in LEB128, strings behind
/// their length as varint.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void u32(std::uint32_t v) { fixed(v); }
  void u64(std::uint64_t v) { fixed(v); }
  void varint(std::uint64_t v) {
    while (v >= 0x80U) {
      u8(static_cast<std::uint8_t>(v | 0x80U));
      v >>= 7U;
    }
    u8(static_cast<std::uint8_t>(v));
  }
  void signed_varint(std::int64_t v) { varint(zigzag(v)); }
  void bytes(std::string_view v) { out_.append(v); }
  void string(std::string_view v) {
    varint(v.size());
    bytes(v);
  }
  [[nodiscard]] std::size_t size() const { return out_.size(); }

 private:
  template <class T>
  void fixed(T v) {
    static_assert(std::endian::native == std::endian::little, "the formats are little-endian");
    char buffer[sizeof v];
    std::memcpy(buffer, &v, sizeof v);
    out_.append(buffer, sizeof v);
  }

  std::string& out_;
};

}  // namespace livedata::encoding
