#include <cctype>
#include <limits>

#include "query/spl/command_parsers.h"
#include "query/spl/condition_parser.h"
#include "query/spl/expression_parser.h"

namespace livedata::query::spl {

Parsed<ConditionPtr> parse_condition(Cursor& cursor) {
  return ConditionParser(cursor, nullptr, nullptr).parse();
}

Parsed<void> refuse_option(Cursor& cursor, std::string_view command,
                           std::initializer_list<std::string_view> known) {
  const std::string_view option = cursor.peek_option();
  if (option.empty()) return {};
  std::string names;
  for (const std::string_view name : known)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  if (names.empty())
    return mistake(cursor.offset(), "'{}' has no option '{}'", command, option.substr(0, 64));
  return mistake(cursor.offset(), "'{}' has no option '{}'; it has {}", command,
                 option.substr(0, 64), names);
}

Parsed<CommandBody> parse_search_command(Cursor& cursor) {
  LIVEDATA_TRY(ConditionPtr condition, ConditionParser(cursor, nullptr, parse_subsearch).parse());
  return SearchCommand{std::move(condition)};
}

Parsed<CommandBody> parse_where(Cursor& cursor) {
  LIVEDATA_TRY(ExpressionPtr condition, parse_expression(cursor));
  return WhereCommand{std::move(condition)};
}

Parsed<CommandBody> parse_regex(Cursor& cursor) {
  RegexCommand command;
  if (!cursor.at_quote()) {
    const std::size_t at = cursor.skip_space();
    const std::string_view field = cursor.take_until("=!|[]()\"");
    if (field.empty()) return cursor.unexpected("a regex in quotes, or field=\"regex\"");
    command.field = {std::string(field), at};
    command.is_negative = cursor.take("!");
    LIVEDATA_RETURN_IF_ERROR(cursor.expect("="));
  }
  command.offset = cursor.skip_space();
  LIVEDATA_TRY(command.pattern, cursor.take_value("a regex in quotes"));
  return command;
}

namespace {

Parsed<CommandBody> parse_ends(Cursor& cursor, bool is_tail) {
  HeadCommand command;
  command.is_tail = is_tail;
  if (cursor.at_end()) return command;
  cursor.take_option("limit");
  const std::string_view rest = cursor.text().substr(cursor.skip_space());
  if (!is_tail && (rest.empty() || std::isdigit(static_cast<unsigned char>(rest[0])) == 0)) {
    LIVEDATA_TRY(command.while_true, parse_expression(cursor));
    command.count = std::numeric_limits<std::uint64_t>::max();
    return command;
  }
  LIVEDATA_TRY(command.count, cursor.take_count("a number of rows"));
  return command;
}

Parsed<SortCommand::Key> parse_key(Cursor& cursor) {
  SortCommand::Key key;
  const std::size_t at = cursor.skip_space();
  key.falls = cursor.take("-");
  if (!key.falls) cursor.take("+");
  const std::size_t start = cursor.skip_space();
  const std::string word = lower(cursor.take_until("|[](),=\""));
  const bool has_type = cursor.take("(");
  if (has_type) {
    if (word == "num") {
      key.by = SortCommand::By::kNumber;
    } else if (word == "str") {
      key.by = SortCommand::By::kText;
    } else if (word == "ip") {
      key.by = SortCommand::By::kAddress;
    } else if (word != "auto") {
      return mistake(start, "rows are sorted by auto(), num(), str() or ip(), not by {}()", word);
    }
  } else {
    cursor.go_back(start);
  }
  LIVEDATA_TRY(key.field, cursor.take_name("a field"));
  if (has_type) LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
  key.field.offset = at;
  return key;
}

}  // namespace

Parsed<CommandBody> parse_head(Cursor& cursor) { return parse_ends(cursor, false); }
Parsed<CommandBody> parse_tail(Cursor& cursor) { return parse_ends(cursor, true); }

Parsed<CommandBody> parse_sort(Cursor& cursor) {
  SortCommand command;
  cursor.take_option("limit");
  const std::string_view rest = cursor.text().substr(cursor.skip_space());
  if (!rest.empty() && std::isdigit(static_cast<unsigned char>(rest[0])) != 0) {
    LIVEDATA_TRY(command.limit, cursor.take_count("a number of rows"));
  }
  do {
    LIVEDATA_TRY(SortCommand::Key key, parse_key(cursor));
    command.keys.push_back(std::move(key));
    if (command.keys.size() > kMaxOperators)
      return mistake(cursor.offset(), "there are more than {} fields", kMaxOperators);
    cursor.take(",");
    if (cursor.at_word("d") || cursor.at_word("desc")) {
      // Splunk turns the whole order round.
      const std::string_view word = cursor.take_until("|]");
      (void)word;
      for (SortCommand::Key& each : command.keys) each.falls = !each.falls;
    }
  } while (!cursor.at_end());
  return command;
}

Parsed<CommandBody> parse_dedup(Cursor& cursor) {
  DedupCommand command;
  const std::string_view rest = cursor.text().substr(cursor.skip_space());
  if (!rest.empty() && std::isdigit(static_cast<unsigned char>(rest[0])) != 0) {
    LIVEDATA_TRY(command.keep, cursor.take_count("a number of rows"));
    if (command.keep == 0) return mistake(cursor.offset(), "dedup keeps one row at least");
  }
  while (!cursor.at_end()) {
    if (cursor.take_option("keepempty")) {
      LIVEDATA_TRY(command.keeps_empty, cursor.take_flag("keepempty"));
    } else if (cursor.take_option("consecutive")) {
      LIVEDATA_TRY(command.is_consecutive, cursor.take_flag("consecutive"));
    } else {
      LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "dedup", {"keepempty", "consecutive"}));
      LIVEDATA_TRY(Name field, cursor.take_name("a field"));
      command.fields.push_back(std::move(field));
      cursor.take(",");
      if (command.fields.size() > kMaxListed)
        return mistake(cursor.offset(), "there are more than {} fields", kMaxListed);
    }
  }
  if (command.fields.empty()) return cursor.unexpected("a field");
  return command;
}

}  // namespace livedata::query::spl
