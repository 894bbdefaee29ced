#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/logql/lexer.h"
#include "query/logql/token.h"

namespace livedata::query::logql {

/// Nesting is bounded, so that a hostile query can't exhaust the stack.
constexpr int kMaxNesting = 200;

inline std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The place in a list of tokens at which a parser is.
class TokenCursor {
 public:
  /// The last token must be kEnd.
  explicit TokenCursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  Token next() {
    const Token token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  [[nodiscard]] bool at_end() const { return peek().kind == TokenKind::kEnd; }
  [[nodiscard]] bool at(std::string_view symbol) const { return is_symbol(peek(), symbol); }
  bool take(std::string_view symbol) {
    if (!at(symbol)) return false;
    next();
    return true;
  }
  /// Words count in any case.
  [[nodiscard]] bool at_word(std::string_view word) const {
    return peek().kind == TokenKind::kIdentifier && lower(peek().text) == word;
  }
  bool take_word(std::string_view word) {
    if (!at_word(word)) return false;
    next();
    return true;
  }

  [[nodiscard]] tl::unexpected<Error> unexpected(std::string_view expected) const {
    const std::string found = at_end() ? "end of the query" : fmt::format("'{}'", peek().text);
    return parse_error(peek(),
                       fmt::format("syntax error: unexpected {}, expecting {}", found, expected));
  }
  Result<void> expect(std::string_view symbol) {
    if (!take(symbol)) return unexpected(fmt::format("'{}'", symbol));
    return {};
  }
  Result<std::string> expect_name(std::string_view what) {
    if (peek().kind != TokenKind::kIdentifier || at_word("bool")) return unexpected(what);
    return next().text;
  }
  Result<std::string> expect_string() {
    if (peek().kind != TokenKind::kString) return unexpected("a string in quotes");
    return next().text;
  }
  /// `(a, b)`, which may be empty.
  Result<std::vector<std::string>> expect_names() {
    LIVEDATA_RETURN_IF_ERROR(expect("("));
    std::vector<std::string> names;
    while (!take(")")) {
      if (!names.empty()) LIVEDATA_RETURN_IF_ERROR(expect(","));
      LIVEDATA_TRY(std::string name, expect_name("a label name or ')'"));
      names.push_back(std::move(name));
    }
    return names;
  }

  /// Counts a level as long as it lives.
  class Nesting {
   public:
    explicit Nesting(TokenCursor& cursor) : cursor_(cursor) { ++cursor_.depth_; }
    ~Nesting() { --cursor_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    [[nodiscard]] Result<void> check() const {
      if (cursor_.depth_ <= kMaxNesting) return {};
      return parse_error(cursor_.peek(),
                         fmt::format("the query is nested deeper than {} levels", kMaxNesting));
    }

   private:
    TokenCursor& cursor_;
  };

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace livedata::query::logql
