// How texts are written in URLs and in base64.
#include <algorithm>
#include <array>
#include <cctype>

#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<Value> url_decode(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  constexpr std::string_view kHex = "0123456789ABCDEFabcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size() || kHex.find(text[i + 1]) == std::string_view::npos ||
        kHex.find(text[i + 2]) == std::string_view::npos)
      return fail(ErrorCode::kInvalidArgument, "invalid URL escape \"{}\"", text.substr(i, 3));
    out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return Value(std::move(out));
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, section 4.
std::string base64_encoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    const std::size_t count = std::min<std::size_t>(3, text.size() - i);
    for (std::size_t j = 0; j < 3; ++j)
      bits = (bits << 8U) | (j < count ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      out += j <= count ? kBase64[(bits >> (18U - 6U * j)) & 0x3FU] : '=';
  }
  return out;
}

Result<Value> base64_decode(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(std::string text, text_argument(arguments[0]));
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  const auto bad = [] { return fail(ErrorCode::kInvalidArgument, "illegal base64 data"); };
  if (text.size() % 4 != 0) return bad();
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.pop_back();
  std::string out;
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (const char c : text) {
    const std::size_t digit = kBase64.find(c);
    if (digit == std::string_view::npos) return bad();
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    num_bits += 6;
    if (num_bits < 8) continue;
    num_bits -= 8;
    out += static_cast<char>((bits >> num_bits) & 0xFFU);
  }
  return Value(std::move(out));
}

template <std::string (*kEncoded)(std::string_view)>
Result<Value> encode(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  return Value(kEncoded(text));
}

/// Other than urlencode, it takes values of all kinds.
Result<Value> url_query(Arguments arguments, const CallContext& /*context*/) {
  std::string text;
  for (const Value& argument : arguments) {
    text += to_text(argument);
    if (text.size() > kMaxTextBytes) return too_long();
  }
  return Value(url_encoded(text));
}

constexpr std::array kFunctions = {
    Function{"urlencode", 1, 1, encode<url_encoded>},
    Function{"urlquery", 1, kAnyNumber, url_query},
    Function{"urldecode", 1, 1, url_decode},
    Function{"b64enc", 1, 1, encode<base64_encoded>},
    Function{"b64dec", 1, 1, base64_decode},
};

}  // namespace

std::span<const Function> encoding_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
