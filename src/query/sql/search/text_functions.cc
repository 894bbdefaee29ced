#include <array>

#include <fmt/format.h>

#include "query/sql/search/expression_sql.h"

namespace livedata::query::sql::search {
namespace {

using spl::Parsed;

Value text(std::string sql) { return {std::move(sql), Kind::kText}; }

Parsed<Value> one(Call& call, std::string_view function) {
  return text(fmt::format("{}({})", function, as_text(call[0])));
}

Parsed<Value> trim(Call& call, std::string_view function) {
  const std::string characters =
      call.size() > 1 ? as_text(call[1]) : std::string("(' ' || chr(9) || chr(10) || chr(13))");
  return text(fmt::format("{}({}, {})", function, as_text(call[0]), characters));
}

std::string whole(const Value& value) {
  return fmt::format("CAST(least(greatest({}, -1000000000), 1000000000) AS BIGINT)",
                     as_number(value));
}

Parsed<Value> substring(Call& call) {
  const std::string s = as_text(call[0]);
  const std::string start = whole(call[1]);
  if (call.size() == 2) return text(fmt::format("substring({}, {})", s, start));
  return text(fmt::format("substring({}, {}, greatest({}, 0))", s, start, whole(call[2])));
}

/// The regex that an argument is, checked where it is constant.
Parsed<std::string> regex_of(Call& call, std::size_t i) {
  const Value& value = call[i];
  if (!value.literal) return as_text(value);
  LIVEDATA_TRY(std::string regex,
               checked_regex(*value.literal, call.expression.arguments[i]->offset));
  return call.sql.bindings().add(std::move(regex));
}

Parsed<Value> replace(Call& call) {
  LIVEDATA_TRY(const std::string regex, regex_of(call, 1));
  return text(
      fmt::format("regexp_replace({}, {}, {}, 'g')", as_text(call[0]), regex, as_text(call[2])));
}

Parsed<Value> match(Call& call) {
  LIVEDATA_TRY(const std::string regex, regex_of(call, 1));
  return Value{fmt::format("regexp_matches({}, {})", as_text(call[0]), regex), Kind::kBool};
}

Parsed<Value> to_string(Call& call) {
  if (call.size() == 1) return text(as_text(call[0]));
  if (call.literal(1) == nullptr)
    return spl::mistake(call.expression.arguments[1]->offset,
                        "the format is \"hex\", \"commas\", \"duration\" or \"binary\"");
  const std::string& format = *call.literal(1);
  const std::string number = fmt::format("CAST({} AS DOUBLE)", as_number(call[0]));
  const std::string fits = fmt::format("CASE WHEN abs({}) < 9e15 THEN", number);
  const std::string integer = fmt::format("CAST(trunc({}) AS BIGINT)", number);
  if (format == "hex")
    return text(fmt::format("({} '0x' || upper(to_hex({})) END)", fits, integer));
  if (format == "binary")
    return text(fmt::format("({} ltrim(to_binary({}), '0') END)", fits, integer));
  if (format == "commas") {
    return text(
        fmt::format("({0} format('{{:,}}', {1}) || CASE WHEN {2} = {1} THEN '' ELSE "
                    "substring(format('{{:.2f}}', abs({2} - {1})), 2) END END)",
                    fits, integer, number));
  }
  if (format == "duration") {
    return text(fmt::format(
        "({0} CASE WHEN {1} >= 86400 THEN CAST({1} // 86400 AS VARCHAR) || '+' ELSE '' END || "
        "lpad(CAST({1} // 3600 % 24 AS VARCHAR), 2, '0') || ':' || lpad(CAST({1} // 60 % 60 AS "
        "VARCHAR), 2, '0') || ':' || lpad(CAST({1} % 60 AS VARCHAR), 2, '0') END)",
        fits, integer));
  }
  return spl::mistake(call.expression.arguments[1]->offset,
                      "the format is \"hex\", \"commas\", \"duration\" or \"binary\", not \"{}\"",
                      format);
}

/// One value by a code such as %05d.
std::string printed(const Value& value, const std::string& flags, char kind, Bindings& bindings) {
  const bool is_text = kind == 's' || kind == 'c';
  const bool is_integer = std::string_view("diuxX").find(kind) != std::string_view::npos;
  const std::string argument = is_text ? as_text(value)
                               : is_integer
                                   ? fmt::format("TRY_CAST(trunc({}) AS BIGINT)", as_number(value))
                                   : fmt::format("CAST({} AS DOUBLE)", as_number(value));
  const bool is_plain = kind == 'i' || kind == 'u';
  const char code = is_text ? 's' : is_plain ? 'd' : kind;
  return fmt::format("printf({}, {})", bindings.add("%" + flags + code), argument);
}

bool is_printf_code(char kind, const std::string& flags) {
  return kind != '\0' && flags.size() <= 6 &&
         std::string_view("sdifFgeExXuc").find(kind) != std::string_view::npos;
}

/// %d and %s of C; DuckDB's own takes the types of its arguments.
Parsed<Value> print_formatted(Call& call) {
  if (call.literal(0) == nullptr)
    return spl::mistake(call.expression.arguments[0]->offset, "the format is a text in quotes");
  const std::string& format = *call.literal(0);
  std::string out;
  std::size_t next = 1;
  std::string literal;
  const auto flush = [&] {
    if (literal.empty()) return;
    out += (out.empty() ? "" : " || ") + call.sql.bindings().add(literal);
    literal.clear();
  };
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      literal += format[i];
      continue;
    }
    const std::size_t end = format.find_first_not_of("0123456789.-+ #", i + 1);
    const char kind = end == std::string::npos ? '\0' : format[end];
    const std::string flags = format.substr(i + 1, end - i - 1);
    if (kind == '%') {
      literal += '%';
    } else if (!is_printf_code(kind, flags)) {
      return spl::mistake(call.expression.arguments[0]->offset,
                          "printf knows %s %d %i %u %f %g %e %x %X and %%");
    } else if (next >= call.size()) {
      return spl::mistake(call.expression.arguments[0]->offset, "printf has too few arguments");
    } else {
      flush();
      out += out.empty() ? "" : " || ";
      out += printed(call[next++], flags, kind, call.sql.bindings());
    }
    i = end;
  }
  flush();
  return text(out.empty() ? "''" : "(" + out + ")");
}

constexpr std::array<NamedFunction, 20> kFunctions = {{
    {"cidrmatch",
     [](Call& c) -> Parsed<Value> {
       return Value{fmt::format("is_in_network({}, {})", as_text(c[1]), as_text(c[0])),
                    Kind::kBool};
     }},
    {"len",
     [](Call& c) -> Parsed<Value> {
       return Value{fmt::format("length({})", as_text(c[0])), Kind::kInteger};
     }},
    {"like",
     [](Call& c) -> Parsed<Value> {
       return Value{fmt::format("({} LIKE {})", as_text(c[0]), as_text(c[1])), Kind::kBool};
     }},
    {"lower", [](Call& c) { return one(c, "lower"); }},
    {"ltrim", [](Call& c) { return trim(c, "ltrim"); }},
    {"match", match},
    {"md5", [](Call& c) { return one(c, "md5"); }},
    {"printf", print_formatted},
    {"replace", replace},
    {"rtrim", [](Call& c) { return trim(c, "rtrim"); }},
    {"sha1", [](Call& c) { return one(c, "sha1"); }},
    {"sha256", [](Call& c) { return one(c, "sha256"); }},
    {"substr", substring},
    {"tostring", to_string},
    {"trim", [](Call& c) { return trim(c, "trim"); }},
    {"upper", [](Call& c) { return one(c, "upper"); }},
    {"urldecode", [](Call& c) { return one(c, "url_decode"); }},
    {"json_valid",
     [](Call& c) -> Parsed<Value> {
       return Value{fmt::format("json_valid({})", as_text(c[0])), Kind::kBool};
     }},
    {"json_extract",
     [](Call& c) -> Parsed<Value> {
       return text(fmt::format("(CASE WHEN json_valid({0}) THEN line_field({0}, {1}) END)",
                               as_text(c[0]), as_text(c[1])));
     }},
    {"spath",
     [](Call& c) -> Parsed<Value> {
       return text(fmt::format("line_field({}, {})", as_text(c[0]), as_text(c[1])));
     }},
}};

}  // namespace

CompileCall find_text_function(std::string_view name) { return find_in(kFunctions, name); }

}  // namespace livedata::query::sql::search
