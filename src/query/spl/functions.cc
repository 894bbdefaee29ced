#include "query/spl/functions.h"

#include <algorithm>
#include <array>

namespace livedata::query::spl {
namespace {

constexpr std::array<EvalFunction, 86> kEvalFunctions = {{
    {"abs", 1, 1},
    {"acos", 1, 1},
    {"asin", 1, 1},
    {"atan", 1, 1},
    {"atan2", 2, 2},
    {"case", 2, kAnyNumber},
    {"ceil", 1, 1},
    {"ceiling", 1, 1},
    {"cidrmatch", 2, 2},
    {"coalesce", 1, kAnyNumber},
    {"cos", 1, 1},
    {"exact", 1, 1},
    {"exp", 1, 1},
    {"false", 0, 0},
    {"floor", 1, 1},
    {"hypot", 2, 2},
    {"if", 3, 3},
    {"in", 2, kAnyNumber},
    {"isbool", 1, 1},
    {"isint", 1, 1},
    {"isnotnull", 1, 1},
    {"isnull", 1, 1},
    {"isnum", 1, 1},
    {"isstr", 1, 1},
    {"json_array_to_mv", 1, 1},
    {"json_extract", 2, 2},
    {"json_keys", 1, 1},
    {"json_object", 0, kAnyNumber},
    {"json_array", 0, kAnyNumber},
    {"json_valid", 1, 1},
    {"len", 1, 1},
    {"like", 2, 2},
    {"ln", 1, 1},
    {"log", 1, 2},
    {"lower", 1, 1},
    {"ltrim", 1, 2},
    {"match", 2, 2},
    {"max", 1, kAnyNumber},
    {"md5", 1, 1},
    {"min", 1, kAnyNumber},
    {"mvappend", 1, kAnyNumber},
    {"mvcount", 1, 1},
    {"mvdedup", 1, 1},
    {"mvfilter", 1, 1},
    {"mvfind", 2, 2},
    {"mvindex", 2, 3},
    {"mvjoin", 2, 2},
    {"mvmap", 2, 2},
    {"mvrange", 2, 3},
    {"mvreverse", 1, 1},
    {"mvsort", 1, 1},
    {"mvzip", 2, 3},
    {"now", 0, 0},
    {"null", 0, 0},
    {"nullif", 2, 2},
    {"pi", 0, 0},
    {"pow", 2, 2},
    {"printf", 1, kAnyNumber},
    {"random", 0, 0},
    {"relative_time", 2, 2},
    {"replace", 3, 3},
    {"round", 1, 2},
    {"rtrim", 1, 2},
    {"searchmatch", 1, 1},
    {"sha1", 1, 1},
    {"sha256", 1, 1},
    {"sigfig", 1, 1},
    {"sin", 1, 1},
    {"spath", 2, 2},
    {"split", 2, 2},
    {"sqrt", 1, 1},
    {"strftime", 2, 2},
    {"strptime", 2, 2},
    {"substr", 2, 3},
    {"tan", 1, 1},
    {"time", 0, 0},
    {"tonumber", 1, 2},
    {"tostring", 1, 2},
    {"trim", 1, 2},
    {"true", 0, 0},
    {"trunc", 1, 1},
    {"typeof", 1, 1},
    {"upper", 1, 1},
    {"urldecode", 1, 1},
    {"validate", 2, kAnyNumber},
    {"xor", 2, 2},
}};

constexpr std::array<std::string_view, 34> kStatsFunctions = {
    "avg",        "c",      "count", "dc",        "distinct_count", "earliest", "earliest_time",
    "estdc",      "first",  "last",  "latest",    "latest_time",    "list",     "max",
    "mean",       "median", "min",   "mode",      "per_day",        "per_hour", "per_minute",
    "per_second", "range",  "rate",  "stdev",     "stdevp",         "sum",      "sumsq",
    "values",     "var",    "varp",  "exactperc", "perc",           "upperperc"};

}  // namespace

const EvalFunction* find_eval_function(std::string_view name) {
  const auto found = std::find_if(kEvalFunctions.begin(), kEvalFunctions.end(),
                                  [name](const EvalFunction& f) { return f.name == name; });
  return found == kEvalFunctions.end() ? nullptr : &*found;
}

std::vector<std::string_view> eval_function_names() {
  std::vector<std::string_view> names;
  names.reserve(kEvalFunctions.size());
  for (const EvalFunction& function : kEvalFunctions) names.push_back(function.name);
  return names;
}

std::span<const std::string_view> stats_function_names() {
  return std::span(kStatsFunctions).first(kStatsFunctions.size() - 3);
}

}  // namespace livedata::query::spl
