#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "query/plan/line_pattern.h"
#include "query/plan/row.h"

namespace re2 {
class RE2;
}

namespace livedata::query::plan {

// What makes labels of a row's line. All of them are immutable and thread-safe; what changes is the
// row. A line that can't be parsed passes, with __error__ set.

/// A JSON object's members: nested names joined by '_', arrays and nulls left out. A line that is
/// no JSON object sets JSONParserErr, and keeps what was found before the fault.
void parse_json(Row& row);

/// Some members of a JSON line by path, such as a.b[0]["c d"]: objects and arrays as JSON text, ""
/// for what is not there.
class JsonExpressions {
 public:
  /// kInvalidArgument for a path that is none.
  static Result<JsonExpressions> make(
      const std::vector<std::pair<std::string, std::string>>& names_and_paths);
  void parse(Row& row) const;

 private:
  using Step = std::variant<std::string, std::size_t>;  // a member's name, or an index
  struct Expression {
    std::string name;
    std::vector<Step> path;
  };
  static Result<std::vector<Step>> parse_path(std::string_view path);
  std::vector<Expression> expressions_;
};

struct LogfmtOptions {
  bool strict = false;      ///< a malformed pair sets LogfmtParserErr and ends the parsing
  bool keep_empty = false;  ///< keys without a value become empty labels
};

/// A logfmt line's pairs.
void parse_logfmt(const LogfmtOptions& options, Row& row);
/// Some of them: (name, key).
void parse_logfmt(const std::vector<std::pair<std::string, std::string>>& expressions,
                  const LogfmtOptions& options, Row& row);

/// The named groups of a regex, where it matches the line.
class RegexParser {
 public:
  /// kInvalidArgument: does not compile, or has no group with a name, or a name twice.
  static Result<RegexParser> make(std::string_view regex);
  void parse(Row& row) const;

 private:
  std::shared_ptr<const re2::RE2> regex_;
  std::vector<std::string> names_;  // by group, from 1 on; "" for a group without a name
};

/// The captures of a pattern. Behind a literal that is missing, the captures so far are kept.
void parse_pattern(const LinePattern& pattern, Row& row);

/// Undoes Promtail's `pack`: string members become labels, `_entry` the line. Nothing happens to an
/// object without `_entry`.
void unpack(Row& row);

}  // namespace livedata::query::plan
