// How texts are written in URLs and in base64.
#include <algorithm>
#include <array>
#include <cctype>

#include "encoding/base64.h"
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

Result<Value> base64_decode(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  LIVEDATA_TRY(std::string bytes, encoding::base64_decode(text));
  return Value(std::move(bytes));
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
    Function{"b64enc", 1, 1, encode<encoding::base64_encode>},
    Function{"b64dec", 1, 1, base64_decode},
};

}  // namespace

std::span<const Function> encoding_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
