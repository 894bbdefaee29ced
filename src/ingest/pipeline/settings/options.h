#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ingest/pipeline/settings/node.h"
#include "model/label_matcher.h"

namespace livedata::ingest::pipeline {

/// Where in the file something is read, for what errors say.
struct Scope {
  std::string file_name;
  std::string what = {};  ///< such as "pipeline 'web', stage 2 (regex)"

  /// "FILE:LINE:COLUMN: WHAT: message"
  [[nodiscard]] tl::unexpected<Error> wrong(const Node& at, std::string_view message) const;
};

/// "did you mean 'x'?" where a name is near, else all the names that are known.
std::string hint_of(std::string_view wanted, const std::vector<std::string_view>& known);

/// Reads the members of a map one by one. The first mistake is kept and told by finish(); what is
/// read behind it are defaults. Not thread-safe; the node must outlive it.
class Options {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  using Regex = std::shared_ptr<const re2::RE2>;

  /// `shorthand` is the option that a value stands for which is no map; "" if there is none.
  Options(const Node& node, Scope scope, std::string_view shorthand = {});

  [[nodiscard]] bool has(std::string_view name);
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise = {});
  [[nodiscard]] bool flag(std::string_view name, bool otherwise);
  [[nodiscard]] double number(std::string_view name, double otherwise, double least, double most);
  [[nodiscard]] std::size_t count(std::string_view name, std::size_t otherwise, std::size_t least,
                                  std::size_t most);
  /// A size such as 300, 64KiB or 1MiB.
  [[nodiscard]] std::size_t bytes(std::string_view name, std::size_t otherwise, std::size_t least,
                                  std::size_t most);
  [[nodiscard]] std::chrono::nanoseconds duration(std::string_view name,
                                                  std::chrono::nanoseconds otherwise);
  /// One of the words; the first one if it is not there.
  [[nodiscard]] std::string word(std::string_view name, const std::vector<std::string_view>& words);
  /// A list of texts, or one text.
  [[nodiscard]] std::vector<std::string> list(std::string_view name);
  /// A list of words of these.
  [[nodiscard]] std::vector<std::string> words(std::string_view name,
                                               const std::vector<std::string_view>& known);
  /// A list of names for fields: [a-zA-Z_][a-zA-Z0-9_]*.
  [[nodiscard]] std::vector<std::string> names(std::string_view name);
  [[nodiscard]] std::string name(std::string_view option, std::string_view otherwise = {});
  /// A map of texts, in its order.
  [[nodiscard]] Pairs pairs(std::string_view name);
  /// All members of the map itself, which are then known.
  [[nodiscard]] Pairs members();
  /// A map, or a list whose elements stand for themselves: [a] is {a: a}.
  [[nodiscard]] Pairs pairs_or_list(std::string_view name);
  /// A regex that matches anywhere, of RE2's syntax; (?<name>...) is taken as well. Null: not
  /// there.
  [[nodiscard]] Regex regex(std::string_view name);
  [[nodiscard]] std::vector<Regex> regexes(std::string_view name);
  struct NamedRegex {
    std::string name;
    Regex regex;
  };
  /// A map of names and regexes.
  [[nodiscard]] std::vector<NamedRegex> named_regexes(std::string_view name);
  /// A selector such as {app="web", level=~"info|debug"}.
  [[nodiscard]] std::vector<LabelMatcher> matchers(std::string_view name);

  /// The value as it stands in the file; null if it is not there.
  [[nodiscard]] const Node* node(std::string_view name);
  /// The map itself.
  [[nodiscard]] const Node& whole() const { return *node_; }
  [[nodiscard]] const Scope& scope() const { return scope_; }

  /// Notes a mistake at an option, or at the map where the option is not there.
  void mistake(std::string_view option, std::string_view message);
  void mistake_at(const Node& at, std::string_view message);
  void require(std::string_view option, std::string_view example);

  /// The first mistake; names that nobody asked for are mistakes.
  [[nodiscard]] Result<void> finish();

 private:
  const Node* scalar(std::string_view name, std::string_view expected);
  Regex compile(const Node& node);

  const Node* node_;
  Scope scope_;
  std::string_view shorthand_;
  std::vector<std::string> known_;
  std::optional<Error> mistake_;
};

/// The same regex in RE2's syntax of named groups.
std::string with_re2_groups(std::string_view pattern);

}  // namespace livedata::ingest::pipeline
