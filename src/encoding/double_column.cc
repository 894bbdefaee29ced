#include "encoding/double_column.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "encoding/integer_column.h"

namespace livedata::encoding {
namespace {

enum : std::uint8_t { kDecimal = 1, kBits = 2 };

constexpr std::array<double, 7> kPowers = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
// Beyond 2^53 integers lose their neighbours as doubles.
constexpr double kMaxExact = 9007199254740992.0;

bool to_decimals(std::span<const double> values, double power, std::vector<std::int64_t>& out) {
  out.clear();
  for (const double value : values) {
    const double scaled = std::round(value * power);
    if (!(std::abs(scaled) <= kMaxExact)) return false;
    const double restored =
        static_cast<double>(static_cast<std::int64_t>(scaled)) / power;  // -0.0 does not survive
    if (std::bit_cast<std::uint64_t>(restored) != std::bit_cast<std::uint64_t>(value)) return false;
    out.push_back(static_cast<std::int64_t>(scaled));
  }
  return true;
}

}  // namespace

void encode_doubles(std::span<const double> values, ByteWriter& out) {
  std::vector<std::int64_t> integers;
  integers.reserve(values.size());
  for (std::size_t digits = 0; digits < kPowers.size(); ++digits) {
    if (!to_decimals(values, kPowers[digits], integers)) continue;
    out.u8(kDecimal);
    out.u8(static_cast<std::uint8_t>(digits));
    encode_integers(integers, out);
    return;
  }
  integers.resize(values.size());
  std::transform(values.begin(), values.end(), integers.begin(),
                 [](double v) { return std::bit_cast<std::int64_t>(v); });
  out.u8(kBits);
  encode_integers(integers, out);
}

std::vector<double> decode_doubles(ByteReader& in, std::size_t count) {
  const std::uint8_t encoding = in.u8();
  const std::size_t digits = encoding == kDecimal ? in.u8() : 0;
  if ((encoding != kDecimal && encoding != kBits) || digits >= kPowers.size()) {
    in.fail();
    return {};
  }
  const std::vector<std::int64_t> integers = decode_integers(in, count);
  if (!in.ok()) return {};
  std::vector<double> values(integers.size());
  std::transform(integers.begin(), integers.end(), values.begin(), [&](std::int64_t v) {
    return encoding == kDecimal ? static_cast<double>(v) / kPowers[digits]
                                : std::bit_cast<double>(v);
  });
  return values;
}

}  // namespace livedata::encoding
