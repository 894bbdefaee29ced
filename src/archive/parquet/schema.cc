#include "archive/parquet/schema.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <set>
#include <tuple>

#include <yyjson.hpp>

namespace livedata::archive {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

// `day` and `source` are the names of folders, which readers take for columns.
constexpr std::array<std::string_view, 14> kFixed = {column::kTime,
                                                     column::kService,
                                                     column::kLine,
                                                     column::kLabels,
                                                     column::kStringFields,
                                                     column::kIntegerFields,
                                                     column::kDoubleFields,
                                                     column::kBoolFields,
                                                     column::kStream,
                                                     column::kExact,
                                                     "day",
                                                     "source",
                                                     "file_row_number",
                                                     "filename"};

constexpr std::array<std::string_view, 4> kTypeNames = {"string", "int64", "double", "bool"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

struct Candidate {
  std::uint64_t rows = 0;
  ValueColumn column;
};

std::vector<Candidate> candidates(const storage::ColumnNames& names) {
  std::vector<Candidate> out;
  for (const auto& [name, rows] : names.labels) {
    if (is_label_name(name)) out.push_back({rows, {name, true, name, FieldType::kString}});
  }
  for (const auto& [key, rows] : names.fields) {
    if (is_label_name(key.first)) out.push_back({rows, {key.first, false, key.first, key.second}});
  }
  std::sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(b.rows, b.column.is_label, a.column.key, a.column.type) <
           std::tuple(a.rows, a.column.is_label, b.column.key, b.column.type);
  });
  return out;
}

/// The value of a string member; empty for anything else.
std::string member(yyjson_val* object, const char* name) {
  yyjson_val* value = yyjson_obj_get(object, name);
  const char* text = yyjson_get_str(value);
  return text == nullptr ? std::string() : std::string(text, yyjson_get_len(value));
}

}  // namespace

std::vector<ValueColumn> choose_columns(const storage::ColumnNames& names) {
  // What fewer have costs more in row groups' headers than the maps cost.
  constexpr std::uint64_t kRowsPerValue = 200;
  std::set<std::string> taken(kFixed.begin(), kFixed.end());
  std::vector<ValueColumn> out;
  for (Candidate& candidate : candidates(names)) {
    if (out.size() == kMaxValueColumns || candidate.rows * kRowsPerValue < names.rows) break;
    ValueColumn& column = candidate.column;
    if (taken.contains(lower(column.name)))
      column.name = (column.is_label ? "label_" : "field_") + column.name;
    if (taken.insert(lower(column.name)).second) out.push_back(std::move(column));
  }
  return out;
}

std::string encode_columns(const std::vector<ValueColumn>& columns) {
  std::string out = "[";
  for (const ValueColumn& column : columns) {
    // Names are [a-zA-Z0-9_]*, so that none needs an escape.
    out += out.size() > 1 ? ", " : "";
    out += R"({"column": ")" + column.name + R"(", ")" + (column.is_label ? "label" : "field") +
           R"(": ")" + column.key + R"(", "type": ")" +
           std::string(kTypeNames[static_cast<std::size_t>(column.type)]) + "\"}";
  }
  return out + "]";
}

Result<std::vector<ValueColumn>> decode_columns(std::string_view json) {
  const auto damaged = [] { return fail(ErrorCode::kCorrupt, "damaged list of Parquet columns"); };
  const std::unique_ptr<yyjson_doc, decltype(&yyjson_doc_free)> document(
      yyjson_read(json.data(), json.size(), 0), &yyjson_doc_free);
  yyjson_val* root = yyjson_doc_get_root(document.get());
  if (!yyjson_is_arr(root) || yyjson_arr_size(root) > kMaxValueColumns) return damaged();
  std::vector<ValueColumn> columns;
  yyjson_arr_iter items = yyjson_arr_iter_with(root);
  while (yyjson_val* item = yyjson_arr_iter_next(&items)) {
    ValueColumn column;
    column.name = member(item, "column");
    column.is_label = yyjson_obj_get(item, "label") != nullptr;
    column.key = member(item, column.is_label ? "label" : "field");
    const auto type = std::find(kTypeNames.begin(), kTypeNames.end(), member(item, "type"));
    if (type == kTypeNames.end() || !is_label_name(column.name) || !is_label_name(column.key))
      return damaged();
    column.type = static_cast<FieldType>(type - kTypeNames.begin());
    columns.push_back(std::move(column));
  }
  return columns;
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + '\'';
}

std::string_view sql_type(FieldType type) {
  constexpr std::array<std::string_view, 4> kNames = {"VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"};
  return kNames[static_cast<std::size_t>(type)];
}

}  // namespace livedata::archive
