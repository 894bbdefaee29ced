#include "cli/sql_table.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include <yyjson.hpp>

#include "base/utf8.h"

namespace livedata::cli {
namespace {

namespace json = livedata_yyjson;

constexpr std::size_t kLeastWidth = 10;
constexpr std::string_view kGap = "  ";

struct TableColumn {
  std::string name;
  bool is_number = false;
  std::size_t width = 0;  // in characters
};

std::string_view text_of(json::yyjson_val* value) {
  return json::yyjson_is_str(value)
             ? std::string_view(json::yyjson_get_str(value), json::yyjson_get_len(value))
             : std::string_view();
}

/// What would move the cursor or end the line is shown as a space.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

std::string cell_of(json::yyjson_val* value) {
  if (json::yyjson_is_null(value)) return "";
  if (json::yyjson_is_str(value)) return printable(text_of(value));
  std::size_t length = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      json::yyjson_val_write(value, json::YYJSON_WRITE_NOFLAG, &length), std::free);
  return text == nullptr ? "" : printable({text.get(), length});
}

std::size_t num_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string cut(std::string_view text, std::size_t width) {
  if (num_characters(text) <= width) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i + 1 < width && !text.empty(); ++i) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text));
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return out + "\u2026";
}

bool is_number_type(std::string_view type) {
  for (const std::string_view name :
       {"BIGINT", "INTEGER", "DOUBLE", "HUGEINT", "FLOAT", "SMALLINT", "TINYINT", "UBIGINT"}) {
    if (type == name) return true;
  }
  return type.starts_with("DECIMAL");
}

/// Takes from the widest columns what does not fit.
void fit(std::vector<TableColumn>& columns, std::size_t width) {
  const auto total = [&] {
    return std::accumulate(
        columns.begin(), columns.end(), std::size_t{0},
        [](std::size_t sum, const TableColumn& c) { return sum + c.width + kGap.size(); });
  };
  while (total() > width + kGap.size()) {
    const auto widest =
        std::max_element(columns.begin(), columns.end(),
                         [](const auto& a, const auto& b) { return a.width < b.width; });
    if (widest->width <= kLeastWidth) return;
    const std::size_t excess = total() - width - kGap.size();
    widest->width = std::max(kLeastWidth, widest->width - std::min(excess, widest->width / 8 + 1));
  }
}

void append_line(const std::vector<TableColumn>& columns, const std::vector<std::string>& cells,
                 std::string& out) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string text = cut(cells[i], columns[i].width);
    const std::string padding(columns[i].width - num_characters(text), ' ');
    if (i > 0) out += kGap;
    if (columns[i].is_number) out += padding;
    out += text;
    if (!columns[i].is_number && i + 1 < columns.size()) out += padding;
  }
  out += '\n';
}

}  // namespace

Result<std::string> format_sql_table(std::string_view text, std::size_t width) {
  const std::unique_ptr<json::yyjson_doc, decltype(&json::yyjson_doc_free)> document(
      json::yyjson_read(text.data(), text.size(), json::YYJSON_READ_NOFLAG), json::yyjson_doc_free);
  json::yyjson_val* root =
      document == nullptr ? nullptr : json::yyjson_doc_get_root(document.get());
  json::yyjson_val* names = json::yyjson_obj_get(root, "columns");
  if (!json::yyjson_is_arr(names))
    return fail(ErrorCode::kInternal, "the server's answer is not what SQL answers");
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::string>> lines(1);
  json::yyjson_arr_iter it = json::yyjson_arr_iter_with(names);
  while (json::yyjson_val* column = json::yyjson_arr_iter_next(&it)) {
    const std::string name = printable(text_of(json::yyjson_obj_get(column, "name")));
    columns.push_back({name, is_number_type(text_of(json::yyjson_obj_get(column, "type"))),
                       num_characters(name)});
    lines.front().push_back(name);
  }
  it = json::yyjson_arr_iter_with(json::yyjson_obj_get(root, "rows"));
  while (json::yyjson_val* row = json::yyjson_arr_iter_next(&it)) {
    std::vector<std::string>& cells = lines.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      cells.push_back(cell_of(json::yyjson_arr_get(row, i)));
      columns[i].width = std::max(columns[i].width, num_characters(cells.back()));
    }
  }
  if (width > 0) fit(columns, width);
  std::string out;
  for (const auto& cells : lines) append_line(columns, cells, out);
  return out;
}

}  // namespace livedata::cli
