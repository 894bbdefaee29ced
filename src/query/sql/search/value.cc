#include "query/sql/search/value.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace livedata::query::sql::search {

std::string Bindings::add(Parameter value) {
  values_.emplace_back(std::to_string(values_.size() + 1), std::move(value));
  return fmt::format("${}", values_.size());
}

std::vector<std::pair<std::string, Parameter>> Bindings::used_in(std::string_view sql) const {
  std::vector<bool> is_used(values_.size() + 1);
  for (std::size_t i = sql.find('$'); i != std::string_view::npos; i = sql.find('$', i + 1)) {
    std::size_t number = 0;
    std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number);
    if (number < is_used.size()) is_used[number] = true;
  }
  std::vector<std::pair<std::string, Parameter>> used;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (is_used[i + 1]) used.push_back(values_[i]);
  }
  return used;
}

std::string quoted_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const bool is_plain = text.find_first_not_of("0123456789.+-eE") == std::string_view::npos;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!is_plain || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string as_number(const Value& value) {
  switch (value.kind) {
    case Kind::kInteger:
    case Kind::kDouble:
      return value.sql;
    case Kind::kTime:
      return fmt::format("(epoch_ns({}) / 1e9)", value.sql);
    case Kind::kBool:
      return fmt::format("CAST({} AS BIGINT)", value.sql);
    case Kind::kText:
      return fmt::format("TRY_CAST({} AS DOUBLE)", value.sql);
    case Kind::kList:
      return fmt::format("TRY_CAST(array_to_string({}, ' ') AS DOUBLE)", value.sql);
    case Kind::kNull:
    case Kind::kMap:
      break;
  }
  return "CAST(NULL AS DOUBLE)";
}

std::string as_text(const Value& value) {
  switch (value.kind) {
    case Kind::kText:
      return value.sql;
    case Kind::kInteger:
    case Kind::kBool:
    case Kind::kMap:
      return fmt::format("CAST({} AS VARCHAR)", value.sql);
    case Kind::kDouble:
    case Kind::kTime:
      return fmt::format(R"(regexp_replace(CAST({} AS VARCHAR), '\.0$', ''))", as_number(value));
    case Kind::kList:
      return fmt::format("array_to_string({}, chr(10))", value.sql);
    case Kind::kNull:
      break;
  }
  return "CAST(NULL AS VARCHAR)";
}

std::string as_bool(const Value& value) {
  switch (value.kind) {
    case Kind::kBool:
      return value.sql;
    case Kind::kInteger:
    case Kind::kDouble:
      return fmt::format("({} <> 0)", value.sql);
    case Kind::kText:
      return fmt::format("(lower({}) IN ('true', 't', '1'))", value.sql);
    default:
      return "CAST(NULL AS BOOLEAN)";
  }
}

std::string as_time(const Value& value) {
  if (value.kind == Kind::kTime) return value.sql;
  // Times far outside would be an error.
  return fmt::format(
      "make_timestamp_ns(CASE WHEN abs({0}) < 9.2e9 THEN CAST(round({0} * 1e9) AS BIGINT) END)",
      as_number(value));
}

std::string as_list(const Value& value) {
  if (value.kind == Kind::kList) return value.sql;
  if (value.kind == Kind::kNull) return "CAST(NULL AS VARCHAR[])";
  return fmt::format("(CASE WHEN {0} IS NOT NULL THEN [{0}] END)", as_text(value));
}

std::string as_kind(const Value& value, Kind kind) {
  if (value.kind == kind) return value.sql;
  switch (kind) {
    case Kind::kTime:
      return as_time(value);
    case Kind::kInteger:
      return fmt::format("TRY_CAST({} AS BIGINT)", as_number(value));
    case Kind::kDouble:
      return fmt::format("CAST({} AS DOUBLE)", as_number(value));
    case Kind::kBool:
      return as_bool(value);
    case Kind::kList:
      return as_list(value);
    case Kind::kMap:
      return "CAST(NULL AS MAP(VARCHAR, VARCHAR))";
    case Kind::kNull:
    case Kind::kText:
      break;
  }
  return as_text(value);
}

Kind common_kind(Kind a, Kind b) {
  if (a == b || b == Kind::kNull) return a;
  if (a == Kind::kNull) return b;
  const auto is_number = [](Kind kind) { return kind == Kind::kInteger || kind == Kind::kDouble; };
  if (is_number(a) && is_number(b)) return Kind::kDouble;
  return a == Kind::kList || b == Kind::kList ? Kind::kList : Kind::kText;
}

std::string_view sql_symbol(spl::Compare op) {
  constexpr std::array<std::string_view, 6> kSymbols = {"=", "<>", "<", "<=", ">", ">="};
  return kSymbols[static_cast<std::size_t>(op)];
}

std::string compare(const Value& a, spl::Compare op, const Value& b) {
  const std::string_view symbol = sql_symbol(op);
  if (a.kind == Kind::kNull || b.kind == Kind::kNull) return "CAST(NULL AS BOOLEAN)";
  if (a.is_number() && b.is_number())
    return fmt::format("({} {} {})", as_number(a), symbol, as_number(b));
  const auto is_word = [](const Value& v) { return v.literal && !number_in(*v.literal); };
  std::string texts = fmt::format("({} {} {})", as_text(a), symbol, as_text(b));
  if (is_word(a) || is_word(b)) return texts;
  return fmt::format(
      "(CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN {0} {2} {1} ELSE {3} END)", as_number(a),
      as_number(b), symbol, texts);
}

}  // namespace livedata::query::sql::search
