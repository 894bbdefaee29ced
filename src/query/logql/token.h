#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace livedata::query::logql {

enum class TokenKind {
  kIdentifier,  ///< also keywords; their meaning depends on the place
  kString,      ///< text holds the decoded value
  kNumber,
  kDuration,
  kBytes,
  kFlag,    ///< --strict; text without the dashes
  kSymbol,  ///< text is one of { } ( ) [ ] , | |= != |~ !~ = =~ == > >= < <= + - * / % ^ |> !>
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  double number = 0;       ///< kNumber: value; kBytes: bytes
  std::int64_t ns = 0;     ///< kDuration
  std::size_t line = 1;    ///< of the first character, from 1
  std::size_t column = 1;  ///< in bytes, from 1
};

/// Whether the token is this symbol.
inline bool is_symbol(const Token& token, std::string_view symbol) {
  return token.kind == TokenKind::kSymbol && token.text == symbol;
}

}  // namespace livedata::query::logql
