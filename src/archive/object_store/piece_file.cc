#include "archive/object_store/piece_file.h"

#include <algorithm>

#include "base/hash.h"

namespace livedata::archive {
namespace {

constexpr std::string_view kMagic = "LDP1";
constexpr std::size_t kHeadBytes = 4 + 4 + 4 + 8;
constexpr std::size_t kHashDigits = 32;

template <class Number>
void put_number(std::string& target, Number value) {
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    target += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i > 0; --i)
    value = (value << 8U) | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

bool is_hex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

}  // namespace

std::string encode_piece(std::string_view key, std::uint64_t number, std::string_view bytes) {
  std::string rest;
  rest.reserve(kHeadBytes + key.size() + bytes.size());
  put_number(rest, static_cast<std::uint32_t>(key.size()));
  put_number(rest, number);
  rest += key;
  rest += bytes;
  std::string content(kMagic);
  content.reserve(rest.size() + 8);
  put_number(content, crc32c(rest));
  return content += rest;
}

Result<std::string_view> decode_piece(std::string_view content, std::string_view key,
                                      std::uint64_t number) {
  const std::size_t before = kHeadBytes + key.size();
  const bool is_whole = content.size() >= before && content.starts_with(kMagic) &&
                        crc32c(content.substr(8)) == number_at(content, 4, 4);
  if (!is_whole) return fail(ErrorCode::kCorrupt, "a cached piece is damaged");
  if (number_at(content, 8, 4) != key.size() || number_at(content, 12, 8) != number ||
      content.substr(kHeadBytes, key.size()) != key)
    return fail(ErrorCode::kCorrupt, "a cached piece is of another object");
  return content.substr(before);
}

std::string piece_name_prefix(std::string_view key) {
  const Hash128 hash = hash128(key);
  return fmt::format("{:016x}{:016x}-", hash.high, hash.low);
}

std::string piece_name(std::string_view key, std::uint64_t number) {
  return fmt::format("{}{:x}", piece_name_prefix(key), number);
}

bool is_piece_name(std::string_view name) {
  return name.size() > kHashDigits + 1 && name.size() <= kHashDigits + 17 &&
         name[kHashDigits] == '-' && is_hex(name.substr(0, kHashDigits)) &&
         is_hex(name.substr(kHashDigits + 1));
}

}  // namespace livedata::archive
