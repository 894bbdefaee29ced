#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "query/spl/ast.h"
#include "query/spl/fault.h"

namespace livedata::query::spl {

/// Nesting is bounded, so that a hostile search can't exhaust the stack.
constexpr int kMaxNesting = 100;
constexpr std::size_t kMaxOperators = 200;  ///< of one expression
constexpr std::size_t kMaxTextBytes = std::size_t{64} * 1024;
constexpr std::size_t kMaxCommands = 100;  ///< of a search with its subsearches
constexpr std::size_t kMaxListed = 1000;   ///< names, values or assignments of one command

/// `text` with ASCII letters in lower case.
std::string lower(std::string_view text);

/// A place in the text of a search. What a word is depends on the command, so there are no tokens:
/// parsers ask for what they expect. Comments between ``` are white space.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  /// Steps over white space and comments; where the next thing begins.
  std::size_t skip_space();
  [[nodiscard]] std::size_t offset() const { return at_; }
  void go_back(std::size_t offset) { at_ = offset; }
  [[nodiscard]] std::string_view text() const { return text_; }
  /// Nothing is left, or the command ends: at a | or a ].
  bool at_end();
  bool at_text_end() { return skip_space() >= text_.size(); }
  /// Whether `symbol` comes next.
  bool at(std::string_view symbol) { return text_.substr(skip_space()).starts_with(symbol); }
  bool take(std::string_view symbol);
  Parsed<void> expect(std::string_view symbol);
  /// A word in any case, with an end behind it.
  bool at_word(std::string_view word);
  bool take_word(std::string_view word);

  /// Characters up to white space or one of `stops`; empty if there are none.
  std::string_view take_until(std::string_view stops);
  bool at_quote() { return at("\""); }
  /// "text" with \" and \\ ; another backslash stays as it is.
  Parsed<std::string> take_quoted(char quote = '"');
  /// A name of a field as commands take it: a bare word or one in quotes.
  Parsed<Name> take_name(std::string_view what);
  /// Names with commas or spaces between them, up to the command's end or one of the words.
  Parsed<std::vector<Name>> take_names(std::string_view what,
                                       std::initializer_list<std::string_view> until = {});
  Parsed<std::uint64_t> take_count(std::string_view what);

  /// "option=" comes next: takes it. The name counts in any case.
  bool take_option(std::string_view name);
  /// The name of an option that comes next, "" if none does. Takes nothing.
  std::string_view peek_option();
  /// A value of an option: a word or text in quotes.
  Parsed<std::string> take_value(std::string_view what);
  Parsed<bool> take_flag(std::string_view what);

  /// "expected WHAT, not '...'"
  tl::unexpected<Fault> unexpected(std::string_view expected);

  /// Counts a level as long as it lives.
  class Nesting {
   public:
    explicit Nesting(Cursor& cursor) : cursor_(cursor) { ++cursor_.depth_; }
    ~Nesting() { --cursor_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    [[nodiscard]] Parsed<void> check() const;

   private:
    Cursor& cursor_;
  };
  /// Counts a command.
  Parsed<void> count_command(std::size_t offset);

 private:
  const std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::size_t commands_ = 0;
};

}  // namespace livedata::query::spl
