#include "query/spl/command_parsers.h"
#include "query/spl/condition_parser.h"

namespace livedata::query::spl {
namespace {

/// 30s, -1 for none.
Parsed<std::optional<std::int64_t>> parse_length(Cursor& cursor) {
  if (cursor.take("-1")) return std::optional<std::int64_t>();
  const std::size_t at = cursor.skip_space();
  LIVEDATA_TRY(const Span span, parse_span(cursor));
  if (span.unit == Span::Unit::kMonths) return mistake(at, "a transaction has no length in months");
  constexpr double kMost = 1e9;  // seconds
  if (span.unit == Span::Unit::kNanoseconds && static_cast<double>(span.count) / 1e9 <= kMost)
    return std::optional(span.count);
  if (span.unit == Span::Unit::kNanoseconds || span.number > kMost)
    return mistake(at, "this length is too large");
  return std::optional(static_cast<std::int64_t>(span.number * 1e9));
}

/// startswith="login" or startswith=(status=200 login): a condition of search.
Parsed<ConditionPtr> parse_boundary(Cursor& cursor) {
  if (cursor.at_word("eval")) return mistake(cursor.offset(), "a search stands here, not eval()");
  if (cursor.take("(")) {
    LIVEDATA_TRY(ConditionPtr condition, parse_condition(cursor));
    LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
    return condition;
  }
  const std::size_t at = cursor.skip_space();
  const bool is_phrase = cursor.at_quote();
  LIVEDATA_TRY(std::string text, cursor.take_value("a text"));
  if (text.empty()) return mistake(at, "a phrase can't be empty");
  Condition condition;
  condition.kind = is_phrase ? Condition::Kind::kPhrase : Condition::Kind::kWord;
  condition.values.push_back(std::move(text));
  condition.offset = at;
  return ConditionPtr(std::make_shared<const Condition>(std::move(condition)));
}

/// `name [AS name]`, with commas or spaces between them.
Parsed<std::vector<RenameCommand::Pair>> parse_pairs(Cursor& cursor) {
  std::vector<RenameCommand::Pair> pairs;
  do {
    LIVEDATA_TRY(Name name, cursor.take_name("a column of the lookup"));
    Name field = name;
    if (cursor.take_word("as")) {
      LIVEDATA_TRY(field, cursor.take_name("a field"));
    }
    pairs.push_back({std::move(name), std::move(field)});
    if (pairs.size() > kMaxOperators)
      return mistake(cursor.offset(), "there are more than {} columns", kMaxOperators);
    cursor.take(",");
  } while (!cursor.at_end() && !cursor.at_word("output") && !cursor.at_word("outputnew"));
  return pairs;
}

}  // namespace

Parsed<CommandBody> parse_transaction(Cursor& cursor) {
  TransactionCommand command;
  while (!cursor.at_end()) {
    if (cursor.take_option("maxspan")) {
      LIVEDATA_TRY(command.max_span_ns, parse_length(cursor));
    } else if (cursor.take_option("maxpause")) {
      LIVEDATA_TRY(command.max_pause_ns, parse_length(cursor));
    } else if (cursor.take_option("maxevents")) {
      LIVEDATA_TRY(command.max_events, cursor.take_count("a number of events"));
      if (command.max_events == 0) return mistake(cursor.offset(), "maxevents is 1 or more");
    } else if (cursor.take_option("startswith")) {
      LIVEDATA_TRY(command.starts_with, parse_boundary(cursor));
    } else if (cursor.take_option("endswith")) {
      LIVEDATA_TRY(command.ends_with, parse_boundary(cursor));
    } else {
      LIVEDATA_RETURN_IF_ERROR(refuse_option(
          cursor, "transaction", {"maxspan", "maxpause", "maxevents", "startswith", "endswith"}));
      LIVEDATA_TRY(Name field, cursor.take_name("a field"));
      command.fields.push_back(std::move(field));
      cursor.take(",");
      if (command.fields.size() > kMaxOperators)
        return mistake(cursor.offset(), "there are more than {} fields", kMaxOperators);
    }
  }
  return command;
}

Parsed<CommandBody> parse_join(Cursor& cursor) {
  JoinCommand command;
  while (!cursor.at("[") && !cursor.at_end()) {
    if (cursor.take_option("type")) {
      const std::size_t at = cursor.skip_space();
      LIVEDATA_TRY(const std::string type, cursor.take_value("inner or left"));
      command.keeps_unmatched = type == "left" || type == "outer";
      if (!command.keeps_unmatched && type != "inner")
        return mistake(at, "a join is inner or left, not '{}'", type);
    } else if (cursor.take_option("max")) {
      LIVEDATA_TRY(command.max, cursor.take_count("a number of rows"));
    } else {
      LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "join", {"type", "max"}));
      LIVEDATA_TRY(Name field, cursor.take_name("a field"));
      command.fields.push_back(std::move(field));
      cursor.take(",");
      if (command.fields.size() > kMaxOperators)
        return mistake(cursor.offset(), "there are more than {} fields", kMaxOperators);
    }
  }
  if (command.fields.empty()) return cursor.unexpected("a field that both sides have");
  LIVEDATA_TRY(command.search, parse_subsearch(cursor));
  return command;
}

Parsed<CommandBody> parse_append(Cursor& cursor) {
  LIVEDATA_TRY(SearchPtr search, parse_subsearch(cursor));
  return AppendCommand{std::move(search)};
}

Parsed<CommandBody> parse_lookup(Cursor& cursor) {
  LookupCommand command;
  LIVEDATA_TRY(command.table, cursor.take_name("the name of a lookup"));
  LIVEDATA_TRY(command.matches, parse_pairs(cursor));
  const bool keeps_old = cursor.take_word("outputnew");
  if (!keeps_old && !cursor.take_word("output")) return command;
  command.keeps_old = keeps_old;
  LIVEDATA_TRY(command.outputs, parse_pairs(cursor));
  return command;
}

Parsed<CommandBody> parse_inputlookup(Cursor& cursor) {
  InputlookupCommand command;
  while (!cursor.at_end()) {
    if (cursor.take_option("append")) {
      LIVEDATA_TRY(command.appends, cursor.take_flag("append"));
    } else if (cursor.take_option("max")) {
      LIVEDATA_TRY(command.max, cursor.take_count("a number of rows"));
    } else if (!command.table.text.empty() && cursor.take_word("where")) {
      LIVEDATA_TRY(command.where, parse_condition(cursor));
    } else {
      LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "inputlookup", {"append", "max"}));
      if (!command.table.text.empty()) break;
      LIVEDATA_TRY(command.table, cursor.take_name("the name of a lookup"));
    }
  }
  if (command.table.text.empty()) return cursor.unexpected("the name of a lookup");
  return command;
}

}  // namespace livedata::query::spl
