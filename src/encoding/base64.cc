#include "encoding/base64.h"

#include <algorithm>
#include <cstdint>

namespace livedata::encoding {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j)
      bits = (bits << 8U) | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= count ? kDigits[(bits >> (18U - 6U * j)) & 0x3FU] : '=';
  }
  return out;
}

Result<std::string> base64_decode(std::string_view text) {
  std::string digits(text);
  std::erase_if(digits, [](char c) { return c == '\n' || c == '\r'; });
  const auto bad = [] { return fail(ErrorCode::kInvalidArgument, "illegal base64 data"); };
  if (digits.size() % 4 != 0) return bad();
  for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.pop_back();
  std::string out;
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (const char c : digits) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return bad();
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    out += static_cast<char>((bits >> num_bits) & 0xFFU);
  }
  return out;
}

}  // namespace livedata::encoding
