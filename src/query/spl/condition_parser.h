#pragma once

#include <functional>

#include "query/spl/ast.h"
#include "query/spl/cursor.h"

namespace livedata::query::spl {

/// A condition of the command search. As in Splunk OR binds closer than AND, which may be left out,
/// and these words count in capitals alone:
///
///     and  = or { [AND] or }        or = not { OR not }        not = NOT not | term
///     term = ( and ) | [subsearch] | word | "phrase" | field (= == != < <= > >=) value
///          | field IN ( value {, value} ) | *
class ConditionParser {
 public:
  using ParseSubsearch = std::function<Parsed<SearchPtr>(Cursor&)>;
  /// `bounds` takes earliest= and latest=; null: there are none here.
  ConditionParser(Cursor& cursor, Search* bounds, ParseSubsearch parse_subsearch)
      : cursor_(cursor), bounds_(bounds), parse_subsearch_(std::move(parse_subsearch)) {}

  /// Up to the command's end, or a closing bracket. Nothing at all is *.
  Parsed<ConditionPtr> parse();

 private:
  Parsed<ConditionPtr> parse_and(int depth);
  Parsed<ConditionPtr> parse_or(int depth);
  Parsed<ConditionPtr> parse_not(int depth);
  Parsed<ConditionPtr> parse_term(int depth);
  Parsed<ConditionPtr> parse_compare(Name field, int depth);
  Parsed<ConditionPtr> parse_in(Name field);
  Parsed<std::string> take_value(bool is_listed);
  std::string_view take_bare_word();
  bool take_keyword(std::string_view word);
  bool at_keyword(std::string_view word);

  Cursor& cursor_;
  Search* const bounds_;
  const ParseSubsearch parse_subsearch_;
  std::size_t terms_ = 0;
};

}  // namespace livedata::query::spl
