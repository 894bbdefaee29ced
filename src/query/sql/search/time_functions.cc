#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

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
  if (call.literal(1) == nullptr)
    return spl::mistake(call.expression.arguments[1]->offset, "the format is a text in quotes");
  const std::string& format = *call.literal(1);
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
  if (call.literal(1) != nullptr && *call.literal(1) == "%s")
    return Value{fmt::format("CAST(floor({}) AS BIGINT)", as_number(call[0])), Kind::kInteger};
  LIVEDATA_TRY(const std::string format, format_of(call));
  return Value{fmt::format("strftime({}, {})", as_time(call[0]), format), Kind::kText};
}

Parsed<Value> parse_time(Call& call) {
  if (call.literal(1) != nullptr && *call.literal(1) == "%s")
    return Value{fmt::format("CAST({} AS DOUBLE)", as_number(call[0])), Kind::kDouble};
  LIVEDATA_TRY(const std::string format, format_of(call));
  return Value{fmt::format("(epoch_us(try_strptime({}, {})) / 1e6)", as_text(call[0]), format),
               Kind::kDouble};
}

/// One step of a time modifier, such as -1d or @d.
struct TimeStep {
  char sign = '@';
  std::string count = {};  ///< of + and -
  spl::TimeUnit unit = {};
};

std::string moved(const std::string& time, const TimeStep& step) {
  if (step.unit.months > 0) {
    return fmt::format("CAST(CAST({} AS TIMESTAMP) {} to_months({} * {}) AS TIMESTAMP_NS)", time,
                       step.sign, step.count, step.unit.months);
  }
  return fmt::format("make_timestamp_ns(epoch_ns({}) {} {} * {})", time, step.sign, step.count,
                     step.unit.ns);
}

std::string snapped(const std::string& time, const TimeStep& step) {
  if (step.unit.months > 0) {
    const std::string_view part = step.unit.months == 1   ? "month"
                                  : step.unit.months == 3 ? "quarter"
                                                          : "year";
    return fmt::format("CAST(date_trunc('{}', CAST({} AS TIMESTAMP)) AS TIMESTAMP_NS)", part, time);
  }
  // 1970 began on a Thursday, four days into its week.
  const bool is_week = step.unit.ns == 7 * 86400 * kNsPerSecond;
  return fmt::format("make_timestamp_ns(epoch_ns({0}) - (epoch_ns({0}) + {1}) % {2})", time,
                     is_week ? 4 * 86400 * kNsPerSecond : 0, step.unit.ns);
}

/// Reads the step that begins at `at`, and goes behind it.
std::optional<TimeStep> next_step(std::string_view text, std::size_t& at) {
  TimeStep step{.sign = text[at++]};
  const std::size_t letters = std::min(text.find_first_not_of("0123456789", at), text.size());
  step.count = letters == at ? "1" : text.substr(at, letters - at);
  std::size_t end = letters;
  while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
  const std::string_view name = text.substr(letters, end - letters);
  const bool is_weekday =
      step.sign == '@' && end < text.size() && text[end] >= '0' && text[end] <= '9';
  const auto unit = spl::find_time_unit(name.empty() ? "s" : name);
  constexpr std::size_t kMaxDigits = 9;
  if (!unit || is_weekday || step.count.size() > kMaxDigits) return std::nullopt;
  step.unit = *unit;
  at = end;
  return step;
}

/// relative_time(now(), "-1d@d"): steps from left to right, of a time that is known as the query
/// runs.
Parsed<Value> relative(Call& call) {
  const auto wrong = [&] {
    return spl::mistake(call.expression.arguments[1]->offset,
                        "a text such as \"-1d@d\" stands here");
  };
  const std::string* text = call.literal(1);
  if (text == nullptr || text->empty() || !spl::resolve_time(*text, call.sql.now()) ||
      std::string_view("@+-").find(text->front()) == std::string_view::npos)
    return wrong();
  std::string sql = as_time(call[0]);
  for (std::size_t i = 0; i < text->size();) {
    const auto step = next_step(*text, i);
    if (!step) return wrong();
    sql = step->sign == '@' ? snapped(sql, *step) : moved(sql, *step);
  }
  return Value{fmt::format("(epoch_ns({}) / 1e9)", sql), Kind::kDouble};
}

Parsed<Value> now(Call& call) {
  return call.sql.number(
      std::floor(static_cast<double>(call.sql.now()) / static_cast<double>(kNsPerSecond)));
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
