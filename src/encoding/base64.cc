#include "encoding/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace livedata::encoding {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNone);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  digits['-'] = digits['+'];
  digits['_'] = digits['/'];
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = (bits << 8U) | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= count ? kAlphabet[(bits >> (18U - 6U * j)) & 0x3FU] : '=';
  }
  return out;
}

Result<std::string> base64_decode(std::string_view lines) {
  std::string joined(lines);
  std::erase_if(joined, [](char c) { return c == '\n' || c == '\r'; });
  std::string_view text = joined;
  const std::size_t written = text.size();
  for (int i = 0; i < 2 && written % 4 == 0 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1)
    return fail(ErrorCode::kInvalidArgument, "illegal base64 data: it is cut off");
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (const char c : text) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kNone)
      return fail(ErrorCode::kInvalidArgument, "illegal base64 data: a byte is no digit of it");
    bits = (bits << 6U) | digit;
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    out += static_cast<char>((bits >> num_bits) & 0xFFU);
  }
  return out;
}

}  // namespace livedata::encoding
