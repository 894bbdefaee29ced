#include "cli/query_output.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include <yyjson.hpp>

#include "base/time_format.h"
#include "model/record_batch.h"
#include "query/plan/row.h"

namespace livedata::cli {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

struct FreeDocument {
  void operator()(yyjson_doc* document) const { yyjson_doc_free(document); }
};

std::string_view text_of(yyjson_val* value) {
  return yyjson_is_str(value) ? std::string_view(yyjson_get_str(value), yyjson_get_len(value))
                              : std::string_view();
}

std::string labels_of(yyjson_val* object) {
  std::vector<Label> labels;
  yyjson_obj_iter it = yyjson_obj_iter_with(object);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    labels.push_back(
        {std::string(text_of(key)), std::string(text_of(yyjson_obj_iter_get_val(key)))});
  }
  return Labels(std::move(labels)).to_string();
}

TimestampNs time_of(yyjson_val* value) {
  if (yyjson_is_str(value)) return std::strtoll(std::string(text_of(value)).c_str(), nullptr, 10);
  return static_cast<TimestampNs>(yyjson_get_num(value) * 1e9);
}

std::vector<OutputRow> rows_of(yyjson_val* data) {
  std::vector<OutputRow> rows;
  const bool streams = text_of(yyjson_obj_get(data, "resultType")) == "streams";
  yyjson_val* result = yyjson_obj_get(data, "result");
  const auto add = [&rows](yyjson_val* pair, const std::string& labels) {
    rows.push_back(
        {time_of(yyjson_arr_get(pair, 0)), labels, std::string(text_of(yyjson_arr_get(pair, 1)))});
  };
  if (text_of(yyjson_obj_get(data, "resultType")) == "scalar") {
    add(result, "{}");
    return rows;
  }
  yyjson_arr_iter it = yyjson_arr_iter_with(result);
  while (yyjson_val* entry = yyjson_arr_iter_next(&it)) {
    const std::string labels = labels_of(yyjson_obj_get(entry, streams ? "stream" : "metric"));
    if (yyjson_val* single = yyjson_obj_get(entry, "value")) add(single, labels);
    yyjson_arr_iter values = yyjson_arr_iter_with(yyjson_obj_get(entry, "values"));
    while (yyjson_val* pair = yyjson_arr_iter_next(&values)) add(pair, labels);
  }
  // Lines of all streams in one order of time, oldest first, as a terminal is read.
  if (streams)
    std::stable_sort(rows.begin(), rows.end(),
                     [](const OutputRow& a, const OutputRow& b) { return a.time < b.time; });
  return rows;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string_view header_of(std::string_view format) {
  return format == "csv" ? "time,labels,value\n" : "";
}

std::string format_row(const OutputRow& row, std::string_view format) {
  if (format == "lines") return row.value + "\n";
  const std::string time = format_rfc3339(row.time);
  if (format == "csv")
    return fmt::format("{},{},{}\n", time, csv_field(row.labels), csv_field(row.value));
  if (format == "logfmt") {
    return query::plan::render_logfmt({{"time", std::string_view(time)},
                                       {"labels", std::string_view(row.labels)},
                                       {"value", std::string_view(row.value)}}) +
           "\n";
  }
  return fmt::format("{} {} {}\n", time, row.labels, row.value);
}

Result<std::string> format_answer(std::string_view json, std::string_view format) {
  if (format == "json") return std::string(json) + "\n";
  const std::unique_ptr<yyjson_doc, FreeDocument> document(
      yyjson_read(json.data(), json.size(), YYJSON_READ_NOFLAG));
  yyjson_val* data =
      document == nullptr ? nullptr : yyjson_obj_get(yyjson_doc_get_root(document.get()), "data");
  if (data == nullptr)
    return fail(ErrorCode::kInternal, "the server's answer is not what a query answers");
  std::string out(header_of(format));
  for (const OutputRow& row : rows_of(data)) out += format_row(row, format);
  return out;
}

}  // namespace livedata::cli
