#include "cli/sql_words.h"

#include <algorithm>
#include <array>
#include <set>

namespace livedata::cli {
namespace {

constexpr std::array<std::string_view, 92> kWords = {"all",
                                                     "and",
                                                     "arg_max",
                                                     "arg_min",
                                                     "as",
                                                     "asc",
                                                     "asof",
                                                     "avg",
                                                     "between",
                                                     "bigint",
                                                     "boolean",
                                                     "by",
                                                     "case",
                                                     "cast",
                                                     "contains",
                                                     "count",
                                                     "cross",
                                                     "current_timestamp",
                                                     "date_trunc",
                                                     "day",
                                                     "desc",
                                                     "describe",
                                                     "distinct",
                                                     "double",
                                                     "else",
                                                     "end",
                                                     "ends_with",
                                                     "epoch_ns",
                                                     "except",
                                                     "exclude",
                                                     "exists",
                                                     "explain",
                                                     "false",
                                                     "filter",
                                                     "from",
                                                     "full",
                                                     "generate_series",
                                                     "group",
                                                     "having",
                                                     "hour",
                                                     "ilike",
                                                     "in",
                                                     "inner",
                                                     "intersect",
                                                     "interval",
                                                     "is",
                                                     "join",
                                                     "json_extract_string",
                                                     "lag",
                                                     "lead",
                                                     "left",
                                                     "length",
                                                     "like",
                                                     "limit",
                                                     "list",
                                                     "lower",
                                                     "max",
                                                     "median",
                                                     "min",
                                                     "minute",
                                                     "not",
                                                     "now",
                                                     "null",
                                                     "offset",
                                                     "on",
                                                     "or",
                                                     "order",
                                                     "over",
                                                     "partition",
                                                     "qualify",
                                                     "quantile_cont",
                                                     "range",
                                                     "recursive",
                                                     "regexp_extract",
                                                     "regexp_matches",
                                                     "regexp_replace",
                                                     "right",
                                                     "row_number",
                                                     "second",
                                                     "select",
                                                     "show",
                                                     "starts_with",
                                                     "strftime",
                                                     "sum",
                                                     "summarize",
                                                     "tables",
                                                     "then",
                                                     "time_bucket",
                                                     "timestamp",
                                                     "unnest",
                                                     "using",
                                                     "where"};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }

std::string in_case(std::string_view text, bool upper) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z' && upper) c = static_cast<char>(c - 32);
  }
  return out;
}

bool starts_with(std::string_view text, std::string_view beginning) {
  return text.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

/// Behind what begins at `i` with a quote or as a comment; `i` itself where nothing does. npos: it
/// does not end.
std::size_t skip_quoted(std::string_view text, std::size_t i) {
  const auto behind = [&](std::string_view end, std::size_t from) {
    const std::size_t found = text.find(end, from);
    return found == std::string_view::npos ? found : found + end.size();
  };
  if (text[i] == '\'' || text[i] == '"') return behind(text.substr(i, 1), i + 1);
  if (text.substr(i).starts_with("--")) return std::min(text.find('\n', i), text.size());
  if (text.substr(i).starts_with("/*")) return behind("*/", i + 2);
  return i;
}

}  // namespace

SqlWords::SqlWords(const std::vector<std::string>& names) : names_(names) {
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

std::vector<std::string> SqlWords::starting_with(std::string_view word) const {
  std::set<std::string> found;
  for (const std::string& name : names_) {
    if (starts_with(name, word)) found.insert(name);
  }
  const bool upper = !word.empty() && is_upper(word.front());
  for (const std::string_view known : kWords) {
    if (!word.empty() && starts_with(known, word)) found.insert(in_case(known, upper));
  }
  return {found.begin(), found.end()};
}

bool ends_statement(std::string_view text) {
  bool ends = false;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t behind = skip_quoted(text, i);
    if (behind == std::string_view::npos) return false;
    if (behind > i) {
      const bool is_comment = text[i] == '-' || text[i] == '/';
      ends = ends && is_comment;
      i = behind;
      continue;
    }
    const char c = text[i++];
    if (c == ';') ends = true;
    if (c != ';' && c != ' ' && c != '\n' && c != '\t' && c != '\r') ends = false;
  }
  return ends;
}

}  // namespace livedata::cli
