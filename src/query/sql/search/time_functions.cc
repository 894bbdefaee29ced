#include <array>

#include <fmt/format.h>

#include "query/spl/time_modifier.h"
#include "query/sql/search/expression_sql.h"

namespace livedata::query::sql::search {
namespace {

using spl::Parsed;

/// A format of Splunk's strftime as DuckDB's.
std::string translated(std::string_view format) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kCodes = {{
      {"%3N", "%g"},
      {"%6N", "%f"},
      {"%9N", "%n"},
      {"%N", "%n"},
      {"%3Q", "%g"},
      {"%F", "%Y-%m-%d"},
      {"%T", "%H:%M:%S"},
      {"%e", "%-d"},
      {"%k", "%-H"},
  }};
  std::string out;
  while (!format.empty()) {
    bool is_done = false;
    for (const auto& [code, meaning] : kCodes) {
      if (is_done || !format.starts_with(code)) continue;
      out += meaning;
      format.remove_prefix(code.size());
      is_done = true;
    }
    if (is_done) continue;
    const std::size_t size = format.starts_with("%") && format.size() > 1 ? 2 : 1;
    out += format.substr(0, size);
    format.remove_prefix(size);
  }
  return out;
}

Parsed<std::string> format_of(Call& call) {
  if (!call[1].literal)
    return spl::mistake(call.expression.arguments[1]->offset, "the format is a text in quotes");
  const std::string& format = *call[1].literal;
  for (std::size_t i = 0; i + 1 < format.size(); ++i) {
    if (format[i] != '%') continue;
    const std::string_view rest = std::string_view(format).substr(i + 1);
    constexpr std::string_view kKnown = "%aAbBcdefFgGHIjklmMnNpSTuUVwWxXyYzZ369Q-";
    if (kKnown.find(rest[0]) == std::string_view::npos)
      return spl::mistake(call.expression.arguments[1]->offset, "a time has no '%{}'",
                          rest.substr(0, 1));
    ++i;
  }
  return call.sql.bindings().add(translated(format));
}

Parsed<Value> format_time(Call& call) {
  if (call[1].literal && *call[1].literal == "%s")
    return Value{fmt::format("CAST(floor({}) AS BIGINT)", as_number(call[0])), Kind::kInteger};
  LIVEDATA_TRY(const std::string format, format_of(call));
  return Value{fmt::format("strftime({}, {})", as_time(call[0]), format), Kind::kText};
}

Parsed<Value> parse_time(Call& call) {
  if (call[1].literal && *call[1].literal == "%s")
    return Value{fmt::format("CAST({} AS DOUBLE)", as_number(call[0])), Kind::kDouble};
  LIVEDATA_TRY(const std::string format, format_of(call));
  return Value{fmt::format("(epoch_us(try_strptime({}, {})) / 1e6)", as_text(call[0]), format),
               Kind::kDouble};
}

/// relative_time(now(), "-1d@d"): steps from left to right, of a time that is known as the query
/// runs.
Parsed<Value> relative(Call& call) {
  const auto wrong = [&] {
    return spl::mistake(call.expression.arguments[1]->offset,
                        "a text such as \"-1d@d\" stands here");
  };
  if (!call[1].literal) return wrong();
  const std::string& text = *call[1].literal;
  if (!spl::resolve_time(text, call.sql.now()) || text.empty() ||
      (text[0] != '@' && text[0] != '-' && text[0] != '+'))
    return wrong();
  std::string sql = as_time(call[0]);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t digits = i + 1;
    std::size_t letters = text.find_first_not_of("0123456789", digits);
    if (letters == std::string::npos) letters = text.size();
    std::size_t end = letters;
    while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
    const std::string name = text.substr(letters, end - letters);
    const auto unit = spl::find_time_unit(name.empty() ? "s" : name);
    if (!unit) return wrong();
    if (text[i] == '@') {
      if (end < text.size() && text[end] >= '0' && text[end] <= '9') return wrong();  // @w1
      const bool is_week = unit->ns == 7 * 86400 * kNsPerSecond;
      const std::int64_t shift = is_week ? 4 * 86400 * kNsPerSecond : 0;
      sql = unit->months > 0
                ? fmt::format("CAST(date_trunc('{}', CAST({} AS TIMESTAMP)) AS TIMESTAMP_NS)",
                              unit->months == 1   ? "month"
                              : unit->months == 3 ? "quarter"
                                                  : "year",
                              sql)
                : fmt::format("make_timestamp_ns(epoch_ns({0}) - (epoch_ns({0}) + {1}) % {2})", sql,
                              shift, unit->ns);
    } else {
      const std::string count = letters == digits ? "1" : text.substr(digits, letters - digits);
      if (count.size() > 9) return wrong();
      const std::string sign(1, text[i]);
      sql = unit->months > 0
                ? fmt::format("CAST(CAST({} AS TIMESTAMP) {} to_months({} * {}) AS TIMESTAMP_NS)",
                              sql, sign, count, unit->months)
                : fmt::format("make_timestamp_ns(epoch_ns({}) {} {} * {})", sql, sign, count,
                              unit->ns);
    }
    i = end;
  }
  return Value{fmt::format("(epoch_ns({}) / 1e9)", sql), Kind::kDouble};
}

Parsed<Value> now(Call& call) {
  return call.sql.number(static_cast<double>(call.sql.now() / kNsPerSecond));
}

constexpr std::array<NamedFunction, 5> kFunctions = {{
    {"now", now},
    {"relative_time", relative},
    {"strftime", format_time},
    {"strptime", parse_time},
    {"time", now},
}};

}  // namespace

CompileCall find_time_function(std::string_view name) { return find_in(kFunctions, name); }

}  // namespace livedata::query::sql::search
