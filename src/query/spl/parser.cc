#include "query/spl/parser.h"

#include <algorithm>
#include <array>

#include "base/nearest_name.h"
#include "base/utf8.h"
#include "query/spl/command_parsers.h"
#include "query/spl/condition_parser.h"

namespace livedata::query::spl {
namespace {

struct NamedCommand {
  std::string_view name;
  ParseCommand parse;
};

constexpr std::array<NamedCommand, 34> kCommands = {{
    {"search", parse_search_command},
    {"where", parse_where},
    {"fields", parse_fields},
    {"table", parse_table},
    {"rename", parse_rename},
    {"eval", parse_eval},
    {"stats", parse_stats},
    {"eventstats", parse_eventstats},
    {"streamstats", parse_streamstats},
    {"chart", parse_chart},
    {"timechart", parse_timechart},
    {"top", parse_top},
    {"rare", parse_rare},
    {"head", parse_head},
    {"tail", parse_tail},
    {"sort", parse_sort},
    {"dedup", parse_dedup},
    {"rex", parse_rex},
    {"regex", parse_regex},
    {"bin", parse_bin},
    {"bucket", parse_bin},
    {"spath", parse_spath},
    {"fillnull", parse_fillnull},
    {"makemv", parse_makemv},
    {"mvexpand", parse_mvexpand},
    {"transaction", parse_transaction},
    {"join", parse_join},
    {"append", parse_append},
    {"lookup", parse_lookup},
    {"inputlookup", parse_inputlookup},
    {"addtotals", parse_addtotals},
    {"delta", parse_delta},
    {"extract", nullptr},
    {"kv", nullptr},
}};

/// What comes before the first |: a condition, with or without the word search.
Parsed<void> parse_first(Cursor& cursor, Search& search) {
  const std::size_t at = cursor.skip_space();
  if (cursor.take_word("search") && (cursor.at("=") || cursor.at("!="))) cursor.go_back(at);
  ConditionParser conditions(cursor, &search, parse_subsearch);
  LIVEDATA_TRY(ConditionPtr condition, conditions.parse());
  search.commands.push_back({SearchCommand{std::move(condition)}, at});
  return {};
}

Parsed<Command> parse_command(Cursor& cursor) {
  const std::size_t at = cursor.skip_space();
  LIVEDATA_RETURN_IF_ERROR(cursor.count_command(at));
  const std::string name = lower(cursor.take_until("|[](),=\"'`*<>!"));
  if (name.empty()) return cursor.unexpected("a command");
  const auto known = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](const NamedCommand& c) { return c.name == name; });
  if (known == kCommands.end() || known->parse == nullptr) {
    if (known != kCommands.end())
      return mistake(at, "'{}' is not needed: fields are found in lines where they are named",
                     name);
    return mistake(at, "there is no command '{}'; did you mean '{}'?", name.substr(0, 64),
                   nearest_name(name.substr(0, 64), command_names()));
  }
  LIVEDATA_TRY(CommandBody body, known->parse(cursor));
  if (!cursor.at_end()) return cursor.unexpected(fmt::format("the end of '{}'", name));
  return Command{std::move(body), at};
}

bool makes_rows(const Command& command) {
  const auto* lookup = std::get_if<InputlookupCommand>(&command.body);
  return lookup != nullptr && !lookup->appends;
}

/// Up to the end of the text, or a ] that is left.
Parsed<Search> parse_search(Cursor& cursor) {
  const Cursor::Nesting nesting(cursor);
  LIVEDATA_RETURN_IF_ERROR(nesting.check());
  Search search;
  if (!cursor.at("|")) LIVEDATA_RETURN_IF_ERROR(parse_first(cursor, search));
  while (cursor.take("|")) {
    const std::size_t at = cursor.skip_space();
    if (search.commands.empty() && cursor.take_word("search")) {
      cursor.go_back(at);
      LIVEDATA_RETURN_IF_ERROR(parse_first(cursor, search));
      continue;
    }
    LIVEDATA_TRY(Command command, parse_command(cursor));
    if (search.commands.empty() && !makes_rows(command)) {
      return mistake(at,
                     "a search that begins with | begins with search or inputlookup; put * in "
                     "front for all records");
    }
    if (!search.commands.empty() && makes_rows(command))
      return mistake(at, "inputlookup begins a search, or has append=true");
    search.commands.push_back(std::move(command));
  }
  return search;
}

}  // namespace

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  for (const NamedCommand& command : kCommands) {
    if (command.parse != nullptr) names.push_back(command.name);
  }
  return names;
}

Parsed<SearchPtr> parse_subsearch(Cursor& cursor) {
  const std::size_t at = cursor.skip_space();
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("["));
  LIVEDATA_RETURN_IF_ERROR(cursor.count_command(at));
  LIVEDATA_TRY(Search search, parse_search(cursor));
  LIVEDATA_RETURN_IF_ERROR(cursor.expect("]"));
  return SearchPtr(std::make_shared<const Search>(std::move(search)));
}

Parsed<Search> parse(std::string_view text) {
  if (text.size() > kMaxTextBytes)
    return mistake(0, "the search is longer than {} bytes", kMaxTextBytes);
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos)
    return mistake(0, "the search is not UTF-8 text");
  Cursor cursor(text);
  if (cursor.at_text_end()) return mistake(0, "the search is empty; * asks for all records");
  LIVEDATA_TRY(Search search, parse_search(cursor));
  if (!cursor.at_text_end()) return cursor.unexpected("a command");
  return search;
}

}  // namespace livedata::query::spl
