#include <array>

#include "query/text_template/format.h"
#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

/// Spaces between operands of which neither is a text, as Go's Sprint has them.
Result<std::string> printed(Arguments arguments) {
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool spaced = i > 0 && !std::holds_alternative<std::string>(arguments[i - 1]) &&
                        !std::holds_alternative<std::string>(arguments[i]);
    if (spaced) out += ' ';
    out += to_text(arguments[i]);
    if (out.size() > kMaxTextBytes) return too_long();
  }
  return out;
}

Result<Value> print(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(std::string out, printed(arguments));
  return Value(std::move(out));
}

Result<Value> println(Arguments arguments, const CallContext& /*context*/) {
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) out += ' ';
    out += to_text(arguments[i]);
    if (out.size() > kMaxTextBytes) return too_long();
  }
  out += '\n';
  return Value(std::move(out));
}

Result<Value> printf(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string pattern, text_argument(arguments[0]));
  return Value(format(pattern, arguments.subspan(1)));
}

Result<Value> html(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, printed(arguments));
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\0':
        out += "\uFFFD";
        break;
      default:
        out += c;
    }
  }
  return Value(std::move(out));
}

Result<Value> js(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, printed(arguments));
  constexpr std::string_view kEscapedByCode = "<>&=";
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '\'' || c == '"') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 ||
               kEscapedByCode.find(c) != std::string_view::npos) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return Value(std::move(out));
}

constexpr std::array kFunctions = {
    Function{"print", 0, kAnyNumber, print},   Function{"println", 0, kAnyNumber, println},
    Function{"printf", 1, kAnyNumber, printf}, Function{"html", 1, kAnyNumber, html},
    Function{"js", 1, kAnyNumber, js},
};

}  // namespace

std::span<const Function> printing_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
