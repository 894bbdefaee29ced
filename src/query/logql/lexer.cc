#include "query/logql/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/time_format.h"
#include "query/plan/units.h"

namespace livedata::query::logql {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Longer symbols before their beginnings.
constexpr std::array<std::string_view, 27> kSymbols = {
    "|=", "|~", "|>", "!=", "!~", "!>", "=~", "==", ">=", "<=", "{", "}", "(", ")",
    "[",  "]",  ",",  "|",  "=",  ">",  "<",  "+",  "-",  "*",  "/", "%", "^"};

class Lexer {
 public:
  explicit Lexer(std::string_view query) : rest_(query) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    for (;;) {
      skip_space_and_comments();
      Token token;
      token.line = line_;
      token.column = column_;
      LIVEDATA_RETURN_IF_ERROR(read(token));
      tokens.push_back(std::move(token));
      if (tokens.back().kind == TokenKind::kEnd) return tokens;
    }
  }

 private:
  void advance(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      // Columns count characters, which in UTF-8 may have further bytes.
      if ((static_cast<unsigned char>(rest_[i]) & 0xC0U) != 0x80U) ++column_;
      if (rest_[i] == '\n') {
        ++line_;
        column_ = 1;
      }
    }
    rest_.remove_prefix(count);
  }

  void skip_space_and_comments() {
    while (!rest_.empty()) {
      if (rest_.front() == '#') {
        advance(std::min(rest_.find('\n'), rest_.size()));
      } else if (std::string_view(" \t\r\n").find(rest_.front()) != std::string_view::npos) {
        advance(1);
      } else {
        return;
      }
    }
  }

  Result<void> read(Token& token) {
    if (rest_.empty()) return {};
    const char c = rest_.front();
    if (c == '"' || c == '`') return read_string(token);
    if (is_digit(c) || (c == '.' && rest_.size() > 1 && is_digit(rest_[1])))
      return read_number(token);
    if (is_letter(c)) {
      take_while(token, TokenKind::kIdentifier, [](char x) { return is_letter(x) || is_digit(x); });
      return {};
    }
    if (rest_.starts_with("--") && rest_.size() > 2 && is_letter(rest_[2])) {
      advance(2);
      take_while(token, TokenKind::kFlag, [](char x) { return is_letter(x) || x == '-'; });
      return {};
    }
    for (const std::string_view symbol : kSymbols) {
      if (!rest_.starts_with(symbol)) continue;
      token.kind = TokenKind::kSymbol;
      token.text = symbol;
      advance(symbol.size());
      return {};
    }
    // A whole character: a part of one would be no UTF-8.
    std::size_t size = 1;
    while (size < rest_.size() && (static_cast<unsigned char>(rest_[size]) & 0xC0U) == 0x80U)
      ++size;
    return parse_error(token, fmt::format("unexpected character '{}'", rest_.substr(0, size)));
  }

  template <class Belongs>
  void take_while(Token& token, TokenKind kind, const Belongs& belongs) {
    std::size_t size = 0;
    while (size < rest_.size() && belongs(rest_[size])) ++size;
    token.kind = kind;
    token.text = rest_.substr(0, size);
    advance(size);
  }

  Result<void> read_string(Token& token) {
    token.kind = TokenKind::kString;
    const char quote = rest_.front();
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != quote; ++i) {
      if (quote == '`' || rest_[i] != '\\') {
        if (quote == '"' && rest_[i] == '\n') break;
        token.text += rest_[i];
        continue;
      }
      ++i;
      if (i >= rest_.size() || !append_escape(i, token.text)) {
        return parse_error(
            token, "unknown escape in the string; write \\\\ for a backslash, or use backquotes");
      }
    }
    if (i >= rest_.size() || rest_[i] != quote) return parse_error(token, "the string has no end");
    advance(i + 1);
    return {};
  }

  /// `i` is at the character behind the backslash, and moves to the escape's last one.
  bool append_escape(std::size_t& i, std::string& out) const {
    constexpr std::string_view kNames = "abfnrtv\\\"'";
    constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\\"'";
    if (const std::size_t at = kNames.find(rest_[i]); at != std::string_view::npos) {
      out += kValues[at];
      return true;
    }
    const bool octal = rest_[i] >= '0' && rest_[i] <= '7';
    const std::size_t digits = octal             ? 3
                               : rest_[i] == 'x' ? 2
                               : rest_[i] == 'u' ? 4
                               : rest_[i] == 'U' ? 8
                                                 : 0;
    const std::size_t first = octal ? i : i + 1;
    if (digits == 0 || first + digits > rest_.size()) return false;
    std::uint32_t code = 0;
    const char* begin = rest_.data() + first;
    const auto [end, error] = std::from_chars(begin, begin + digits, code, octal ? 8 : 16);
    if (error != std::errc() || end != begin + digits || code > 0x10FFFF) return false;
    if (octal && code > 0xFF) return false;
    i = first + digits - 1;
    append_code(code, digits <= 3, out);
    return true;
  }

  /// A byte as it is, or a code point as UTF-8 (RFC 3629).
  static void append_code(std::uint32_t code, bool is_byte, std::string& out) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (is_byte || code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0U | (code >> 6U));
      put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
      put(0xE0U | (code >> 12U));
      put(0x80U | ((code >> 6U) & 0x3FU));
      put(0x80U | (code & 0x3FU));
    } else {
      put(0xF0U | (code >> 18U));
      put(0x80U | ((code >> 12U) & 0x3FU));
      put(0x80U | ((code >> 6U) & 0x3FU));
      put(0x80U | (code & 0x3FU));
    }
  }

  /// Decimal, or a hexadecimal float with an exponent such as 0x1p-2.
  static bool to_number(std::string_view text, double& number) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    if (hex && text.find_first_of("pP") == std::string_view::npos) return false;
    if (hex) text.remove_prefix(2);
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(
        text.data(), last, number, hex ? std::chars_format::hex : std::chars_format::general);
    return error == std::errc() && end == last;
  }

  Result<void> read_number(Token& token) {
    std::size_t size = 0;
    const auto more = [&](std::size_t at) {
      const char c = rest_[at];
      const bool exponent_sign =
          (c == '+' || c == '-') &&
          std::string_view("eEpP").find(rest_[at - 1]) != std::string_view::npos &&
          at + 1 < rest_.size() && is_digit(rest_[at + 1]);
      return is_digit(c) || is_letter(c) || c == '.' || exponent_sign ||
             static_cast<unsigned char>(c) >= 0x80;
    };
    while (size < rest_.size() && (size == 0 || more(size))) ++size;
    token.text = rest_.substr(0, size);
    double number = 0;
    if (to_number(token.text, number)) {
      token.kind = TokenKind::kNumber;
      token.number = number;
    } else if (auto duration = parse_duration(token.text)) {
      token.kind = TokenKind::kDuration;
      token.ns = *duration;
    } else if (auto bytes = plan::parse_bytes(token.text)) {
      token.kind = TokenKind::kBytes;
      token.number = *bytes;
    } else {
      return parse_error(token, fmt::format("'{}' is not a number, duration or size", token.text));
    }
    advance(size);
    return {};
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
};

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view query) { return Lexer(query).run(); }

tl::unexpected<Error> parse_error(const Token& at, std::string_view message) {
  return fail(ErrorCode::kInvalidArgument, "parse error at line {}, col {}: {}", at.line, at.column,
              message);
}

}  // namespace livedata::query::logql
