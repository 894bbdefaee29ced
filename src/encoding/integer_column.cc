#include "encoding/integer_column.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "encoding/bit_packing.h"

namespace livedata::encoding {
namespace {

enum : std::uint8_t { kConstant = 1, kFrameOfReference = 2, kDelta = 3, kDeltaDictionary = 4 };

// More entries than this would rarely pay, and finding out must stay cheap.
constexpr std::size_t kMaxDictionary = 1024;

std::uint64_t wrapping_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);
}
std::int64_t wrapping_sum(std::int64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + b);
}

struct Frame {
  std::int64_t minimum = 0;
  std::uint64_t scale = 1;
  unsigned width = 0;

  [[nodiscard]] std::size_t packed_bytes(std::size_t count) const {
    return packed_size(count, width);
  }
};

Frame frame_of(std::span<const std::int64_t> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  Frame frame{.minimum = *low};
  std::uint64_t divisor = 0;
  for (const std::int64_t value : values) {
    const std::uint64_t offset = wrapping_difference(value, *low);
    if (divisor > 1 && offset % divisor == 0) continue;
    divisor = std::gcd(divisor, offset);
    if (divisor == 1) break;
  }
  frame.scale = std::max<std::uint64_t>(divisor, 1);
  frame.width = bit_width_of(wrapping_difference(*high, *low) / frame.scale);
  return frame;
}

void write_frame(std::span<const std::int64_t> values, const Frame& frame, ByteWriter& out) {
  out.signed_varint(frame.minimum);
  out.varint(frame.scale);
  out.u8(static_cast<std::uint8_t>(frame.width));
  std::vector<std::uint64_t> offsets(values.size());
  std::transform(values.begin(), values.end(), offsets.begin(), [&](std::int64_t v) {
    const std::uint64_t offset = wrapping_difference(v, frame.minimum);
    return frame.scale == 1 ? offset : offset / frame.scale;
  });
  std::string packed;
  pack_bits(offsets, frame.width, packed);
  out.bytes(packed);
}

/// Reads packed values of `width` bits into all of `values`.
bool read_packed(ByteReader& in, unsigned width, std::span<std::uint64_t> values) {
  if (width > 64) return false;
  const std::string_view packed = in.bytes(packed_size(values.size(), width));
  if (!in.ok()) return false;
  unpack_bits(packed, width, values);
  return true;
}

bool read_frame(ByteReader& in, std::span<std::int64_t> values) {
  const std::int64_t minimum = in.signed_varint();
  const std::uint64_t scale = in.varint();
  const unsigned width = in.u8();
  std::vector<std::uint64_t> offsets(values.size());
  if (!read_packed(in, width, offsets)) return false;
  std::transform(offsets.begin(), offsets.end(), values.begin(),
                 [&](std::uint64_t offset) { return wrapping_sum(minimum, offset * scale); });
  return true;
}

struct Dictionary {
  std::vector<std::int64_t> entries;
  std::vector<std::uint64_t> indexes;  // of each value
};

/// Numbers the distinct values in the order they come; none when there are too many of them for a
/// dictionary to pay against `width` bits per value.
std::optional<Dictionary> dictionary_of(std::span<const std::int64_t> values, unsigned width) {
  const std::size_t most = std::min(kMaxDictionary, values.size() / 4);
  constexpr unsigned kSlotBits = 12;  // four slots per entry keep the probes short
  static_assert((std::size_t{1} << kSlotBits) >= 4 * kMaxDictionary);
  std::vector<std::uint16_t> slots(std::size_t{1} << kSlotBits);  // index of the entry + 1
  Dictionary out;
  out.indexes.reserve(values.size());
  for (const std::int64_t value : values) {
    std::size_t at =
        (static_cast<std::uint64_t>(value) * 0x9E3779B97F4A7C15ULL) >> (64 - kSlotBits);
    while (slots[at] != 0 && out.entries[slots[at] - 1U] != value) at = (at + 1) % slots.size();
    if (slots[at] == 0) {
      if (out.entries.size() == most) return std::nullopt;
      out.entries.push_back(value);
      slots[at] = static_cast<std::uint16_t>(out.entries.size());
    }
    out.indexes.push_back(slots[at] - 1U);
  }
  constexpr std::size_t kBytesPerEntry = 5;  // of a difference in nanoseconds, as a varint
  const std::size_t size = out.entries.size() * kBytesPerEntry +
                           packed_size(values.size(), bit_width_of(out.entries.size() - 1));
  if (size >= packed_size(values.size(), width)) return std::nullopt;
  return out;
}

void write_dictionary(const Dictionary& dictionary, ByteWriter& out) {
  out.varint(dictionary.entries.size());
  for (const std::int64_t entry : dictionary.entries) out.signed_varint(entry);
  std::string packed;
  pack_bits(dictionary.indexes, bit_width_of(dictionary.entries.size() - 1), packed);
  out.bytes(packed);
}

bool read_dictionary(ByteReader& in, std::span<std::int64_t> values) {
  std::vector<std::int64_t> entries(in.count());
  for (std::int64_t& entry : entries) entry = in.signed_varint();
  if (!in.ok() || entries.empty()) return false;
  std::vector<std::uint64_t> indexes(values.size());
  if (!read_packed(in, bit_width_of(entries.size() - 1), indexes)) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (indexes[i] >= entries.size()) return false;
    values[i] = entries[indexes[i]];
  }
  return true;
}

bool all_equal(std::span<const std::int64_t> values) {
  return std::all_of(values.begin(), values.end(), [&](auto v) { return v == values.front(); });
}

}  // namespace

void encode_integers(std::span<const std::int64_t> values, ByteWriter& out) {
  if (values.empty() || all_equal(values)) {
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
  const unsigned width = std::min(plain.width, delta.width);
  if (const auto dictionary = dictionary_of(differences, width)) {
    out.u8(kDeltaDictionary);
    out.signed_varint(values.front());
    write_dictionary(*dictionary, out);
  } else if (delta.width < plain.width) {
    out.u8(kDelta);
    out.signed_varint(values.front());
    write_frame(differences, delta, out);
  } else {
    out.u8(kFrameOfReference);
    write_frame(values, plain, out);
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
    good = read_frame(in, values);
  } else if (good && (encoding == kDelta || encoding == kDeltaDictionary)) {
    values.front() = in.signed_varint();
    const std::span<std::int64_t> differences = std::span(values).subspan(1);
    good = encoding == kDelta ? read_frame(in, differences) : read_dictionary(in, differences);
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

std::string_view integer_encoding_name(std::uint8_t encoding) {
  switch (encoding) {
    case kConstant:
      return "constant";
    case kFrameOfReference:
      return "frame of reference";
    case kDelta:
      return "delta";
    case kDeltaDictionary:
      return "delta dictionary";
    default:
      return "unknown";
  }
}

}  // namespace livedata::encoding
