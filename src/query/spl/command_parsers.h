#pragma once

#include <string_view>

#include "query/spl/ast.h"
#include "query/spl/cursor.h"

namespace livedata::query::spl {

/// Reads what stands behind a command's name, up to the command's end.
using ParseCommand = Parsed<CommandBody> (*)(Cursor&);

// condition_commands.cc
Parsed<CommandBody> parse_search_command(Cursor& cursor);
Parsed<CommandBody> parse_where(Cursor& cursor);
Parsed<CommandBody> parse_regex(Cursor& cursor);
Parsed<CommandBody> parse_head(Cursor& cursor);
Parsed<CommandBody> parse_tail(Cursor& cursor);
Parsed<CommandBody> parse_sort(Cursor& cursor);
Parsed<CommandBody> parse_dedup(Cursor& cursor);

// stats_commands.cc
Parsed<CommandBody> parse_stats(Cursor& cursor);
Parsed<CommandBody> parse_eventstats(Cursor& cursor);
Parsed<CommandBody> parse_streamstats(Cursor& cursor);
Parsed<CommandBody> parse_chart(Cursor& cursor);
Parsed<CommandBody> parse_timechart(Cursor& cursor);
Parsed<CommandBody> parse_top(Cursor& cursor);
Parsed<CommandBody> parse_rare(Cursor& cursor);

// field_commands.cc
Parsed<CommandBody> parse_fields(Cursor& cursor);
Parsed<CommandBody> parse_table(Cursor& cursor);
Parsed<CommandBody> parse_rename(Cursor& cursor);
Parsed<CommandBody> parse_eval(Cursor& cursor);
Parsed<CommandBody> parse_rex(Cursor& cursor);
Parsed<CommandBody> parse_bin(Cursor& cursor);
Parsed<CommandBody> parse_spath(Cursor& cursor);
Parsed<CommandBody> parse_fillnull(Cursor& cursor);
Parsed<CommandBody> parse_makemv(Cursor& cursor);
Parsed<CommandBody> parse_mvexpand(Cursor& cursor);
Parsed<CommandBody> parse_addtotals(Cursor& cursor);
Parsed<CommandBody> parse_delta(Cursor& cursor);

// joining_commands.cc
Parsed<CommandBody> parse_transaction(Cursor& cursor);
Parsed<CommandBody> parse_join(Cursor& cursor);
Parsed<CommandBody> parse_append(Cursor& cursor);
Parsed<CommandBody> parse_lookup(Cursor& cursor);
Parsed<CommandBody> parse_inputlookup(Cursor& cursor);

/// A condition of search within a command: up to its end, or with `is_quoted` in a text in quotes.
Parsed<ConditionPtr> parse_condition(Cursor& cursor);
/// [search ...] with its brackets.
Parsed<SearchPtr> parse_subsearch(Cursor& cursor);
/// 5m, 1mon, 0.5, 100
Parsed<Span> parse_span(Cursor& cursor);
/// An error for an option= that the command does not have, naming those that it has; nothing where
/// none comes next.
Parsed<void> refuse_option(Cursor& cursor, std::string_view command,
                           std::initializer_list<std::string_view> known);

}  // namespace livedata::query::spl
