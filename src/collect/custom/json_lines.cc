#include "collect/custom/json_lines.h"

#include <yyjson.hpp>

#include "ingest/values/flatten.h"
#include "ingest/values/json.h"

namespace livedata::collect::custom {
namespace {

using livedata_yyjson::yyjson_val;

void add_leaf(Readings& readings, std::string_view path, yyjson_val* leaf) {
  // Names begin with the '_' that would join them to that of the whole, which has none.
  constexpr std::size_t kMaxNameBytes = 1025;  // more than any limit lets through
  const std::string_view name =
      readings.arena().keep(path.substr(path.empty() ? 0 : 1, kMaxNameBytes));
  if (livedata_yyjson::yyjson_is_str(leaf)) {
    const std::string_view text = ingest::json_string(leaf);
    if (!text.empty()) readings.add_text(name, readings.arena().keep(text));
  } else if (livedata_yyjson::yyjson_is_num(leaf) || livedata_yyjson::yyjson_is_bool(leaf)) {
    TextArena unused;  // no number needs it
    readings.add_number(name, ingest::json_field_value(leaf, unused));
  }
}

bool add_object(Readings& readings, yyjson_val* value) {
  if (!livedata_yyjson::yyjson_is_obj(value)) return false;
  std::string path;
  ingest::for_each_leaf<ingest::JsonTree>(value, path, '_', ingest::kMaxFlatDepth,
                                          [&](std::string_view name, yyjson_val* leaf) {
                                            add_leaf(readings, name, leaf);
                                            return !readings.is_over();
                                          });
  readings.end_reading();
  return true;
}

/// False: the text is no JSON document of objects.
bool add_document(Readings& readings, std::string_view text) {
  const auto document = ingest::parse_json(text);
  if (!document) return false;
  yyjson_val* const root = livedata_yyjson::yyjson_doc_get_root(document->get());
  if (!livedata_yyjson::yyjson_is_arr(root)) return add_object(readings, root);
  livedata_yyjson::yyjson_arr_iter it = livedata_yyjson::yyjson_arr_iter_with(root);
  std::size_t number = 0;
  while (yyjson_val* const item = livedata_yyjson::yyjson_arr_iter_next(&it)) {
    ++number;
    if (!add_object(readings, item))
      readings.reject(1, fmt::format("element {} of the array is not an object", number));
  }
  return true;
}

}  // namespace

void read_json_lines(Readings& readings) {
  std::string_view rest = readings.output();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t size = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, size);
    rest.remove_prefix(std::min(size + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto document = ingest::parse_json(line);
    if (document && add_object(readings, livedata_yyjson::yyjson_doc_get_root(document->get()))) {
      continue;
    }
    // The first line tells: this may be one document of several lines.
    if (readings.empty() && readings.num_left_out() == 0 &&
        add_document(readings, readings.output()))
      return;
    readings.reject(number, document ? "this is not a JSON object" : document.error().message);
  }
}

}  // namespace livedata::collect::custom
