#include "encoding/text_codec.h"

#include <charconv>

namespace livedata::encoding {
namespace {

constexpr int kMaxZstdLevel = 22;
constexpr std::string_view kZstdPrefix = "zstd-";

}  // namespace

Result<TextCodec> TextCodec::parse(std::string_view text) {
  if (text == "none") return raw();
  if (text == "lz4") return lz4();
  if (text.starts_with(kZstdPrefix)) {
    const std::string_view digits = text.substr(kZstdPrefix.size());
    int level = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), level);
    if (error == std::errc() && end == digits.data() + digits.size() && level >= 1 &&
        level <= kMaxZstdLevel) {
      return zstd(level);
    }
  }
  return fail(ErrorCode::kInvalidArgument, "'{}' is no codec; use none, lz4, or zstd-1 to zstd-{}",
              text, kMaxZstdLevel);
}

std::string TextCodec::to_string() const {
  switch (kind) {
    case Kind::kRaw:
      return "none";
    case Kind::kLz4:
      return "lz4";
    case Kind::kZstd:
      return fmt::format("{}{}", kZstdPrefix, level);
  }
  return {};
}

}  // namespace livedata::encoding
