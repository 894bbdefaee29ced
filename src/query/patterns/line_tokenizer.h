#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace livedata::query::patterns {

/// Stands in a token's text for a part that varies by its look, such as the number in "blk_17".
/// Never a byte of the line: words with a NUL are variables as a whole.
constexpr char kVariableByte = '\0';

/// A stretch of a line. The tokens of a line follow each other without gaps.
struct Token {
  std::uint32_t begin = 0;  ///< in the text of its TokenizedLine
  std::uint32_t size = 0;
  std::uint64_t hash = 0;  ///< of the text
  bool is_word = false;    ///< else blanks and punctuation
  bool is_variable = false;
};

/// A line as the cluster tree sees it.
struct TokenizedLine {
  std::string text;  ///< the line with variables by look replaced by kVariableByte
  std::vector<Token> tokens;
  /// One for each token: the hash of a word that tells messages apart, 0 for the rest.
  std::vector<std::uint64_t> signature;
  std::uint32_t telling_words = 0;  ///< not 0 in the signature
  /// Equal for lines with the same punctuation, keys and level names at the same places. Only
  /// such lines share a pattern, so these never become variables.
  std::uint64_t shape = 0;
  /// Of the word the tree branches on and its place; 0 if all words have digits.
  std::uint64_t route = 0;
};

/// Splits lines into tokens: at blanks and punctuation, but not within paths, numbers or the
/// product list of a user agent. Reuses its buffers; one line at a time.
class LineTokenizer {
 public:
  /// What comes after max_words words is one variable.
  explicit LineTokenizer(std::size_t max_words) : max_words_(max_words) {}

  /// Valid until the next call. Bytes beyond kMaxLineBytes are not looked at.
  const TokenizedLine& split(std::string_view line);

  /// Longer lines say nothing more about what kind of line they are, and cost memory as templates.
  static constexpr std::size_t kMaxLineBytes = 4096;

 private:
  /// What read_word() saw, one for each token.
  struct WordTraits {
    bool has_letter = false;
    bool has_digit = false;
    bool is_structural = false;  // a key or the name of a level
    bool is_calendar = false;    // the name of a month or a day
  };
  void read_separator();
  void read_word();
  void read_quoted_word(std::size_t size);
  /// Size of a quoted user agent that starts here, without its closing quote; 0 if there is none.
  [[nodiscard]] std::size_t user_agent_size() const;
  [[nodiscard]] bool is_separator(std::size_t at) const;
  void finish_token(std::size_t begin, bool is_word);
  void finish_word(std::size_t begin, std::size_t input_begin, WordTraits traits);
  void replace_rest();
  void mark_keys();
  /// Number of tokens before the message: "Dec 10 06:55:46 host sshd[24200]: ".
  [[nodiscard]] std::size_t header_size() const;
  void describe();

  std::size_t max_words_;
  std::string_view input_;
  std::size_t at_ = 0;
  std::size_t words_ = 0;
  TokenizedLine out_;
  std::vector<WordTraits> traits_;
};

}  // namespace livedata::query::patterns
