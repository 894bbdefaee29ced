#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "encoding/byte_writer.h"

namespace livedata::encoding {

/// Reads what ByteWriter wrote, from bytes that may be damaged or hostile. After a read past the
/// end, or a varint of over 64 bits, ok() is false for good and every read gives zero or an empty
/// view; callers check ok() once per unit. Views point into the input.
class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}

  [[nodiscard]] bool ok() const { return ok_; }
  /// Whether all was read and nothing failed.
  [[nodiscard]] bool done() const { return ok_ && in_.empty(); }
  [[nodiscard]] std::size_t remaining() const { return in_.size(); }

  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = u8();
      if (!ok_) return 0;
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    fail();
    return 0;
  }
  std::int64_t signed_varint() { return unzigzag(varint()); }

  /// A varint that counts things of at least `min_bytes` each in the rest of the input, so that a
  /// damaged count can't make a caller allocate more than the input could fill.
  std::size_t count(std::size_t min_bytes = 1) {
    const std::uint64_t n = varint();
    if (n > in_.size() / min_bytes) {
      fail();
      return 0;
    }
    return static_cast<std::size_t>(n);
  }

  std::string_view bytes(std::uint64_t size) {
    if (!ok_ || size > in_.size()) {
      fail();
      return {};
    }
    const std::string_view out = in_.substr(0, static_cast<std::size_t>(size));
    in_.remove_prefix(out.size());
    return out;
  }
  std::string_view string() { return bytes(varint()); }
  /// All that is left.
  std::string_view rest() { return bytes(in_.size()); }

  void fail() {
    ok_ = false;
    in_ = {};
  }

 private:
  template <class T>
  T fixed() {
    T value = 0;
    const std::string_view raw = bytes(sizeof value);
    if (raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace livedata::encoding
