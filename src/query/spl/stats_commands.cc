#include <algorithm>
#include <charconv>

#include "base/nearest_name.h"
#include "query/spl/command_parsers.h"
#include "query/spl/expression_parser.h"
#include "query/spl/functions.h"
#include "query/spl/time_modifier.h"

namespace livedata::query::spl {
namespace {

/// perc95, p95, exactperc99.9: their number; the function's name is left.
bool split_percentile(std::string& function, double& percent) {
  const std::size_t digit = function.find_first_of("0123456789");
  if (digit == std::string::npos) return false;
  const std::string_view stem = std::string_view(function).substr(0, digit);
  if (stem != "p" && stem != "perc" && stem != "exactperc" && stem != "upperperc") return false;
  const char* const end = function.data() + function.size();
  const auto [at, code] =
      std::from_chars(function.data() + digit, end, percent, std::chars_format::fixed);
  if (code != std::errc() || at != end || !(percent >= 0 && percent <= 100)) return false;
  function = stem == "p" ? "perc" : std::string(stem);
  return true;
}

Parsed<void> check_function(std::string& function, double& percent, std::size_t at) {
  if (split_percentile(function, percent)) return {};
  const auto names = stats_function_names();
  if (std::find(names.begin(), names.end(), function) != names.end()) return {};
  if (find_eval_function(function) != nullptr) {
    return mistake(at, "'{}' is a function of eval; here stands one of stats, such as max({}(...))",
                   function, function);
  }
  return mistake(at, "there is no function '{}' of stats; did you mean '{}'?",
                 function.substr(0, 64), nearest_name(function.substr(0, 64), names));
}

Parsed<void> parse_argument(Cursor& cursor, Aggregation& made) {
  const std::size_t at = cursor.skip_space();
  if (cursor.take(")")) return {};
  if (cursor.take_word("eval")) {
    LIVEDATA_RETURN_IF_ERROR(cursor.expect("("));
    LIVEDATA_TRY(made.argument, parse_expression(cursor));
    LIVEDATA_RETURN_IF_ERROR(cursor.expect(")"));
    made.is_eval = true;
  } else if (!(cursor.take("*") && cursor.at(")"))) {
    cursor.go_back(at);
    LIVEDATA_TRY(Name field, cursor.take_name("a field or eval(...)"));
    made.argument = std::make_shared<const Expression>(Expression{
        .kind = Expression::Kind::kField, .text = std::move(field.text), .offset = field.offset});
  }
  return cursor.expect(")");
}

Parsed<Aggregation> parse_aggregation(Cursor& cursor) {
  Aggregation made;
  made.offset = cursor.skip_space();
  made.function = lower(cursor.take_until("|[](),=\""));
  if (made.function.empty()) return cursor.unexpected("a function such as count or avg(field)");
  LIVEDATA_RETURN_IF_ERROR(check_function(made.function, made.percent, made.offset));
  const bool has_argument = cursor.take("(");
  if (has_argument) LIVEDATA_RETURN_IF_ERROR(parse_argument(cursor, made));
  const bool may_stand_alone = made.function == "count" || made.function == "c";
  if (!may_stand_alone && made.argument == nullptr)
    return mistake(made.offset, "{}() needs a field or eval(...)", made.function);
  std::string_view written = cursor.text().substr(made.offset, cursor.offset() - made.offset);
  written = written.substr(0, written.find_last_not_of(" \t\r\n") + 1);
  if (made.argument == nullptr) written = made.function;
  made.name = written;
  const std::size_t before = cursor.skip_space();
  if (!cursor.take_word("as")) {
    cursor.go_back(before);
    return made;
  }
  LIVEDATA_TRY(Name name, cursor.take_name("a name for the column"));
  made.name = std::move(name.text);
  made.has_name = true;
  return made;
}

Parsed<std::vector<Aggregation>> parse_aggregations(Cursor& cursor,
                                                    std::initializer_list<std::string_view> until) {
  std::vector<Aggregation> made;
  const auto is_over = [&] {
    return cursor.at_end() || !cursor.peek_option().empty() ||
           std::any_of(until.begin(), until.end(),
                       [&](std::string_view word) { return cursor.at_word(word); });
  };
  do {
    LIVEDATA_TRY(Aggregation next, parse_aggregation(cursor));
    made.push_back(std::move(next));
    if (made.size() > kMaxOperators)
      return mistake(cursor.offset(), "there are more than {} functions", kMaxOperators);
  } while (cursor.take(",") || !is_over());
  return made;
}

Parsed<CommandBody> parse_rows(Cursor& cursor, StatsKind kind) {
  StatsCommand command;
  command.kind = kind;
  const bool is_stream = kind == StatsKind::kStreamstats;
  for (;;) {
    if (is_stream && cursor.take_option("window")) {
      LIVEDATA_TRY(const std::uint64_t window, cursor.take_count("a number of rows"));
      command.window = window;
    } else if (is_stream && cursor.take_option("current")) {
      LIVEDATA_TRY(command.includes_current, cursor.take_flag("current"));
    } else if (cursor.take_option("allnum") || cursor.take_option("global") ||
               cursor.take_option("partitions")) {
      LIVEDATA_RETURN_IF_ERROR(cursor.take_value("a value"));
    } else {
      break;
    }
  }
  if (is_stream)
    LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "streamstats", {"window", "current"}));
  if (!is_stream) LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, "stats", {}));
  LIVEDATA_TRY(command.aggregations, parse_aggregations(cursor, {"by"}));
  if (cursor.take_word("by")) {
    LIVEDATA_TRY(command.by, cursor.take_names("a field"));
  }
  return command;
}

/// limit=10, limit=top10
Parsed<std::uint64_t> parse_chart_limit(Cursor& cursor) {
  const std::size_t at = cursor.skip_space();
  LIVEDATA_TRY(const std::string value, cursor.take_value("a number of columns"));
  std::string_view digits = value;
  if (digits.starts_with("top")) digits.remove_prefix(3);
  std::uint64_t limit = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), limit);
  constexpr std::uint64_t kMost = 200;
  if (code != std::errc() || end != digits.data() + digits.size() || limit > kMost)
    return mistake(at, "limit is a number of columns up to {}, not '{}'", kMost, value);
  return limit;
}

Parsed<bool> parse_chart_option(Cursor& cursor, ChartCommand& command) {
  if (cursor.take_option("limit")) {
    LIVEDATA_TRY(command.limit, parse_chart_limit(cursor));
  } else if (cursor.take_option("span")) {
    LIVEDATA_TRY(command.span, parse_span(cursor));
  } else if (cursor.take_option("useother")) {
    LIVEDATA_TRY(command.uses_other, cursor.take_flag("useother"));
  } else if (cursor.take_option("usenull")) {
    LIVEDATA_TRY(command.uses_null, cursor.take_flag("usenull"));
  } else if (command.is_over_time && cursor.take_option("cont")) {
    LIVEDATA_TRY(command.fills_gaps, cursor.take_flag("cont"));
  } else {
    LIVEDATA_RETURN_IF_ERROR(refuse_option(cursor, command.is_over_time ? "timechart" : "chart",
                                           {"limit", "span", "useother", "usenull", "cont"}));
    return false;
  }
  return true;
}

Parsed<void> parse_chart_options(Cursor& cursor, ChartCommand& command) {
  for (;;) {
    LIVEDATA_TRY(const bool is_there, parse_chart_option(cursor, command));
    if (!is_there) return {};
  }
}

Parsed<CommandBody> parse_ranking(Cursor& cursor, bool is_rare) {
  TopCommand command;
  command.is_rare = is_rare;
  const std::string_view rest = cursor.text().substr(cursor.skip_space());
  if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    LIVEDATA_TRY(command.limit, cursor.take_count("a number of rows"));
  }
  while (!cursor.at_end() && !cursor.at_word("by")) {
    if (cursor.take_option("limit")) {
      LIVEDATA_TRY(command.limit, cursor.take_count("a number of rows"));
    } else if (cursor.take_option("countfield")) {
      LIVEDATA_TRY(command.count_name, cursor.take_value("a name"));
    } else if (cursor.take_option("percentfield")) {
      LIVEDATA_TRY(command.percent_name, cursor.take_value("a name"));
    } else if (cursor.take_option("showcount")) {
      LIVEDATA_TRY(command.shows_count, cursor.take_flag("showcount"));
    } else if (cursor.take_option("showperc")) {
      LIVEDATA_TRY(command.shows_percent, cursor.take_flag("showperc"));
    } else {
      LIVEDATA_RETURN_IF_ERROR(
          refuse_option(cursor, is_rare ? "rare" : "top",
                        {"limit", "countfield", "percentfield", "showcount", "showperc"}));
      LIVEDATA_TRY(Name field, cursor.take_name("a field"));
      command.fields.push_back(std::move(field));
      cursor.take(",");
      if (command.fields.size() > kMaxListed)
        return mistake(cursor.offset(), "there are more than {} fields", kMaxListed);
    }
  }
  if (command.fields.empty()) return cursor.unexpected("a field");
  if (cursor.take_word("by")) {
    LIVEDATA_TRY(command.by, cursor.take_names("a field"));
  }
  return command;
}

}  // namespace

Parsed<Span> parse_span(Cursor& cursor) {
  const std::size_t at = cursor.skip_space();
  LIVEDATA_TRY(const std::string text, cursor.take_value("a span such as 5m"));
  Span span;
  span.text = text;
  const char* const end = text.data() + text.size();
  const auto [unit_at, code] =
      std::from_chars(text.data(), end, span.number, std::chars_format::fixed);
  const auto wrong = [&] {
    return mistake(at, "'{}' is no span; it can be 30s, 5m, 1h, 1d, 1mon or a number", text);
  };
  const bool has_number = code == std::errc();
  const std::string unit =
      lower(has_number ? std::string_view(unit_at, static_cast<std::size_t>(end - unit_at))
                       : std::string_view(text));
  if (!has_number) span.number = 1;
  if (!(span.number > 0) || span.number > 1e15) return wrong();
  if (unit.empty()) return span;
  const auto known = find_time_unit(unit);
  if (!known || span.number != static_cast<double>(static_cast<std::int64_t>(span.number)))
    return wrong();
  const auto count = static_cast<std::int64_t>(span.number);
  span.unit = known->months > 0 ? Span::Unit::kMonths : Span::Unit::kNanoseconds;
  if (__builtin_mul_overflow(count, known->months > 0 ? known->months : known->ns, &span.count) ||
      (known->months > 0 && span.count > 1200))
    return wrong();
  span.number = 0;
  return span;
}

Parsed<CommandBody> parse_stats(Cursor& cursor) { return parse_rows(cursor, StatsKind::kStats); }
Parsed<CommandBody> parse_eventstats(Cursor& cursor) {
  return parse_rows(cursor, StatsKind::kEventstats);
}
Parsed<CommandBody> parse_streamstats(Cursor& cursor) {
  return parse_rows(cursor, StatsKind::kStreamstats);
}
Parsed<CommandBody> parse_top(Cursor& cursor) { return parse_ranking(cursor, false); }
Parsed<CommandBody> parse_rare(Cursor& cursor) { return parse_ranking(cursor, true); }

Parsed<CommandBody> parse_chart(Cursor& cursor) {
  ChartCommand command;
  LIVEDATA_RETURN_IF_ERROR(parse_chart_options(cursor, command));
  LIVEDATA_TRY(command.aggregations, parse_aggregations(cursor, {"by", "over"}));
  LIVEDATA_RETURN_IF_ERROR(parse_chart_options(cursor, command));
  const bool has_over = cursor.take_word("over");
  if (has_over) {
    LIVEDATA_TRY(command.over, cursor.take_name("a field"));
    LIVEDATA_RETURN_IF_ERROR(parse_chart_options(cursor, command));
  }
  if (cursor.take_word("by")) {
    LIVEDATA_TRY(Name first, cursor.take_name("a field"));
    cursor.take(",");
    LIVEDATA_RETURN_IF_ERROR(parse_chart_options(cursor, command));
    if (has_over) {
      command.by = std::move(first);
    } else {
      command.over = std::move(first);
      if (!cursor.at_end()) {
        LIVEDATA_TRY(command.by, cursor.take_name("a field"));
        LIVEDATA_RETURN_IF_ERROR(parse_chart_options(cursor, command));
      }
    }
  }
  if (!command.over) return cursor.unexpected("'over' or 'by' and a field");
  return command;
}

Parsed<CommandBody> parse_timechart(Cursor& cursor) {
  ChartCommand command;
  command.is_over_time = true;
  LIVEDATA_RETURN_IF_ERROR(parse_chart_options(cursor, command));
  LIVEDATA_TRY(command.aggregations, parse_aggregations(cursor, {"by"}));
  LIVEDATA_RETURN_IF_ERROR(parse_chart_options(cursor, command));
  if (cursor.take_word("by")) {
    LIVEDATA_TRY(command.by, cursor.take_name("a field"));
    LIVEDATA_RETURN_IF_ERROR(parse_chart_options(cursor, command));
  }
  return command;
}

}  // namespace livedata::query::spl
