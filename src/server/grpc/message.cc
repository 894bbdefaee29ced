#include "server/grpc/message.h"

#include <charconv>
#include <cstdint>

#include "encoding/base64.h"

namespace livedata::server::grpc {
namespace {

constexpr std::size_t kMaxTimeoutDigits = 8;

std::uint32_t read_length(std::string_view prefix) {
  std::uint32_t length = 0;
  for (std::size_t i = 1; i < kMessagePrefix; ++i)
    length = (length << 8U) | static_cast<unsigned char>(prefix[i]);
  return length;
}

std::optional<std::chrono::nanoseconds> timeout_unit(char c) {
  switch (c) {
    case 'H':
      return std::chrono::hours(1);
    case 'M':
      return std::chrono::minutes(1);
    case 'S':
      return std::chrono::seconds(1);
    case 'm':
      return std::chrono::milliseconds(1);
    case 'u':
      return std::chrono::microseconds(1);
    case 'n':
      return std::chrono::nanoseconds(1);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string frame_message(std::string_view message) {
  std::string out(1, '\0');
  out.reserve(kMessagePrefix + message.size());
  const auto length = static_cast<std::uint32_t>(message.size());
  for (unsigned shift = 32; shift > 0; shift -= 8)
    out += static_cast<char>((length >> (shift - 8)) & 0xFFU);
  return out += message;
}

Result<std::string> read_only_message(std::string_view body, ingest::Encoding encoding,
                                      std::size_t max_bytes, std::size_t max_ratio) {
  if (body.size() < kMessagePrefix)
    return fail(ErrorCode::kInvalidArgument, "the request holds no message");
  const char flag = body.front();
  const std::uint32_t length = read_length(body);
  body.remove_prefix(kMessagePrefix);
  if (length > body.size())
    return fail(ErrorCode::kInvalidArgument, "the message has {} of its {} bytes", body.size(),
                length);
  if (length < body.size())
    return fail(ErrorCode::kInvalidArgument, "the request holds more than one message");
  if (flag != 0 && flag != 1)
    return fail(ErrorCode::kInvalidArgument, "the message begins with neither 0 nor 1");
  if (flag == 1 && encoding == ingest::Encoding::kIdentity)
    return fail(ErrorCode::kInvalidArgument,
                "the message is compressed, but grpc-encoding does not say how");
  return ingest::decompress(body, flag == 1 ? encoding : ingest::Encoding::kIdentity, max_bytes,
                            max_ratio);
}

std::optional<std::chrono::nanoseconds> parse_timeout(std::string_view text) {
  if (text.size() < 2 || text.size() > kMaxTimeoutDigits + 1) return std::nullopt;
  const auto unit = timeout_unit(text.back());
  text.remove_suffix(1);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!unit || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // Eight digits of hours are 11,415 years, of which int64 nanoseconds hold 292.
  constexpr std::int64_t kMax = std::chrono::nanoseconds(std::chrono::hours(24 * 365)).count();
  if (unit->count() > kMax / std::max<std::int64_t>(number, 1)) return std::chrono::hours(24 * 365);
  return *unit * number;
}

std::string encode_status_text(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '%') {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 0xFU];
  }
  return out;
}

std::string encode_binary_header(std::string_view bytes) {
  std::string text = encoding::base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace livedata::server::grpc
