#include "encoding/integer_column.h"

#include <algorithm>

#include "encoding/bit_packing.h"

namespace livedata::encoding {
namespace {

enum : std::uint8_t { kConstant = 1, kFrameOfReference = 2, kDelta = 3 };

std::uint64_t wrapping_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);
}
std::int64_t wrapping_sum(std::int64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + b);
}

struct Frame {
  std::int64_t minimum = 0;
  unsigned width = 0;
};

Frame frame_of(std::span<const std::int64_t> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {*low, bit_width_of(wrapping_difference(*high, *low))};
}

void write_packed(std::span<const std::int64_t> values, const Frame& frame, ByteWriter& out) {
  out.signed_varint(frame.minimum);
  out.u8(static_cast<std::uint8_t>(frame.width));
  std::vector<std::uint64_t> offsets(values.size());
  std::transform(values.begin(), values.end(), offsets.begin(),
                 [&](std::int64_t v) { return wrapping_difference(v, frame.minimum); });
  std::string packed;
  pack_bits(offsets, frame.width, packed);
  out.bytes(packed);
}

bool read_packed(ByteReader& in, std::span<std::int64_t> values) {
  const std::int64_t minimum = in.signed_varint();
  const unsigned width = in.u8();
  if (width > 64) return false;
  const std::string_view packed = in.bytes(packed_size(values.size(), width));
  if (!in.ok()) return false;
  std::vector<std::uint64_t> offsets(values.size());
  unpack_bits(packed, width, offsets);
  std::transform(offsets.begin(), offsets.end(), values.begin(),
                 [&](std::uint64_t offset) { return wrapping_sum(minimum, offset); });
  return true;
}

}  // namespace

void encode_integers(std::span<const std::int64_t> values, ByteWriter& out) {
  if (values.empty() ||
      std::all_of(values.begin(), values.end(), [&](auto v) { return v == values.front(); })) {
    out.u8(kConstant);
    out.signed_varint(values.empty() ? 0 : values.front());
    return;
  }
  std::vector<std::int64_t> differences(values.size() - 1);
  for (std::size_t i = 1; i < values.size(); ++i) {
    differences[i - 1] = static_cast<std::int64_t>(wrapping_difference(values[i], values[i - 1]));
  }
  const Frame plain = frame_of(values);
  const Frame delta = frame_of(differences);
  if (delta.width < plain.width) {
    out.u8(kDelta);
    out.signed_varint(values.front());
    write_packed(differences, delta, out);
  } else {
    out.u8(kFrameOfReference);
    write_packed(values, plain, out);
  }
}

std::vector<std::int64_t> decode_integers(ByteReader& in, std::size_t count) {
  const std::uint8_t encoding = in.u8();
  if (encoding == kConstant) {
    const std::int64_t value = in.signed_varint();
    if (!in.ok()) return {};
    return std::vector<std::int64_t>(count, value);
  }
  std::vector<std::int64_t> values(count);
  bool good = count > 0;
  if (good && encoding == kFrameOfReference) {
    good = read_packed(in, values);
  } else if (good && encoding == kDelta) {
    values.front() = in.signed_varint();
    good = read_packed(in, std::span(values).subspan(1));
    for (std::size_t i = 1; good && i < count; ++i) {
      values[i] = wrapping_sum(values[i - 1], static_cast<std::uint64_t>(values[i]));
    }
  } else {
    good = false;
  }
  if (!good) {
    in.fail();
    return {};
  }
  return values;
}

}  // namespace livedata::encoding
