#include "query/sql/function_guards.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/common/types/interval.hpp>
#include <duckdb/execution/expression_executor_state.hpp>

namespace livedata::query::sql {
namespace {

constexpr std::int64_t kMaxPadding = 1 << 20;
// Of one value, in steps or bytes: a tenth of a second or so.
constexpr std::uint64_t kMaxProduct = 1U << 28U;

/// The values of one argument.
class Argument {
 public:
  Argument(duckdb::DataChunk& arguments, std::size_t i) {
    arguments.data[i].ToUnifiedFormat(arguments.size(), format_);
  }
  [[nodiscard]] bool has_value(std::size_t row) const {
    return format_.validity.RowIsValid(format_.sel->get_index(row));
  }
  template <class T>
  [[nodiscard]] T get(std::size_t row) const {
    return duckdb::UnifiedVectorFormat::GetData<T>(format_)[format_.sel->get_index(row)];
  }
  [[nodiscard]] std::uint64_t size(std::size_t row) const {
    return has_value(row) ? get<duckdb::string_t>(row).GetSize() : 0;
  }

 private:
  duckdb::UnifiedVectorFormat format_;
};

[[noreturn]] void refuse(std::string_view what) {
  throw duckdb::InvalidInputException("%s would be too large", std::string(what));
}

/// lpad(text, length, padding)
void check_padding(duckdb::DataChunk& arguments) {
  const Argument length(arguments, 1);
  for (std::size_t row = 0; row < arguments.size(); ++row) {
    if (length.has_value(row) && length.get<std::int32_t>(row) > kMaxPadding)
      refuse("the padded text");
  }
}

/// Of two texts that are compared each with each, or where one may stand at each place of the
/// other.
void check_product(duckdb::DataChunk& arguments, std::size_t a, std::size_t b) {
  const Argument first(arguments, a);
  const Argument second(arguments, b);
  for (std::size_t row = 0; row < arguments.size(); ++row) {
    if (first.size(row) * second.size(row) > kMaxProduct) refuse("the work on these texts");
  }
}

void check_texts(duckdb::DataChunk& arguments) { check_product(arguments, 0, 1); }
/// replace(text, what, by)
void check_replacement(duckdb::DataChunk& arguments) { check_product(arguments, 0, 2); }
void check_nothing(duckdb::DataChunk&) {}

/// range(n), range(start, stop), range(start, stop, step) of integers or of times.
void check_series(duckdb::DataChunk& arguments) {
  constexpr std::uint64_t kMaxElements = 1U << 20U;  // of all rows of a step
  const std::size_t count = arguments.ColumnCount();
  const bool has_times = arguments.data[0].GetType().id() != duckdb::LogicalTypeId::BIGINT;
  std::vector<Argument> values;
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) values.emplace_back(arguments, i);
  double elements = 0;
  for (std::size_t row = 0; row < arguments.size(); ++row) {
    if (!std::all_of(values.begin(), values.end(),
                     [row](const Argument& a) { return a.has_value(row); }))
      continue;
    const auto first = count == 1 ? 0.0 : static_cast<double>(values[0].get<std::int64_t>(row));
    const auto last = static_cast<double>(values[count == 1 ? 0 : 1].get<std::int64_t>(row));
    double step = 1;
    if (count == 3)
      step = has_times ? static_cast<double>(
                             duckdb::Interval::GetMicro(values[2].get<duckdb::interval_t>(row)))
                       : static_cast<double>(values[2].get<std::int64_t>(row));
    if (step != 0) elements += std::max(0.0, (last - first) / step);
    if (elements > kMaxElements)
      refuse("a list of that many values; FROM range(...) makes rows, and");
  }
}

/// format('{:>10}', ...) and printf('%10d', ...): widths of five digits, or taken from a value, are
/// for nothing that is read.
void check_format(duckdb::DataChunk& arguments) {
  const Argument format(arguments, 0);
  for (std::size_t row = 0; row < arguments.size(); ++row) {
    if (!format.has_value(row)) continue;
    const auto text = format.get<duckdb::string_t>(row);
    const std::string_view view(text.GetData(), text.GetSize());
    std::size_t digits = 0;
    for (std::size_t i = 0; i < view.size(); ++i) {
      digits = view[i] >= '0' && view[i] <= '9' ? digits + 1 : 0;
      const bool is_taken = view[i] == '*' || (i > 0 && view[i] == '{' && view[i - 1] != '{' &&
                                               view.substr(0, i).rfind(':') != view.npos);
      if (digits >= 5 || is_taken) refuse("a width in the format");
    }
  }
}

/// JSON is walked by functions that call themselves.
void check_depth(duckdb::DataChunk& arguments) {
  constexpr std::int64_t kMaxDepth = 1000;
  for (std::size_t i = 0; i < arguments.ColumnCount(); ++i) {
    if (arguments.data[i].GetType().InternalType() != duckdb::PhysicalType::VARCHAR) continue;
    const Argument json(arguments, i);
    for (std::size_t row = 0; row < arguments.size(); ++row) {
      if (json.size(row) < kMaxDepth) continue;
      const auto text = json.get<duckdb::string_t>(row);
      std::int64_t depth = 0;
      for (const char c : std::string_view(text.GetData(), text.GetSize())) {
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        if (depth > kMaxDepth) refuse("the depth of this JSON");
      }
    }
  }
}

struct Guard {
  std::string_view function;
  void (*check)(duckdb::DataChunk& arguments);
};

constexpr std::array<Guard, 25> kGuards = {{
    {"format", check_format},
    {"printf", check_format},
    {"json_structure", check_depth},
    {"json_transform", check_depth},
    {"json_transform_strict", check_depth},
    {"from_json", check_depth},
    {"from_json_strict", check_depth},
    {"json_merge_patch", check_depth},
    {"json_pretty", check_depth},
    {"json_contains", check_depth},
    {"json_valid", check_nothing},
    {"lpad", check_padding},
    {"rpad", check_padding},
    {"levenshtein", check_texts},
    {"editdist3", check_texts},
    {"damerau_levenshtein", check_texts},
    {"jaro_similarity", check_texts},
    {"jaro_winkler_similarity", check_texts},
    {"replace", check_replacement},
    {"regexp_replace", check_replacement},
    {"range", check_series},
    {"generate_series", check_series},
    {"repeat", check_nothing},
    {"list_transform", check_nothing},
    {"list_reduce", check_nothing},
}};

void guard(duckdb::ScalarFunction& function, const Guard& guard) {
  if (!function.function) return;
  const auto inner = function.function;
  const auto check = guard.check;
  function.function = [inner, check](duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                                     duckdb::Vector& result) {
    if (state.HasContext() && state.GetContext().interrupted) throw duckdb::InterruptException();
    check(arguments);
    inner(arguments, state, result);
  };
}

}  // namespace

void guard_functions(duckdb::ClientContext& context) {
  auto& schema = duckdb::Catalog::GetSystemCatalog(context).GetSchema(context, DEFAULT_SCHEMA);
  schema.Scan(context, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY, [](duckdb::CatalogEntry& entry) {
    if (entry.type != duckdb::CatalogType::SCALAR_FUNCTION_ENTRY) return;
    for (const Guard& known : kGuards) {
      if (entry.name != known.function) continue;
      for (auto& function : entry.Cast<duckdb::ScalarFunctionCatalogEntry>().functions.functions)
        guard(function, known);
    }
  });
}

}  // namespace livedata::query::sql
