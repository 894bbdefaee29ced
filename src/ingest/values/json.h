#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <yyjson.hpp>

#include "base/result.h"
#include "base/text_arena.h"
#include "model/record_batch.h"

namespace livedata::ingest {

struct FreeJson {
  void operator()(livedata_yyjson::yyjson_doc* doc) const { livedata_yyjson::yyjson_doc_free(doc); }
};
using JsonDocument = std::unique_ptr<livedata_yyjson::yyjson_doc, FreeJson>;

/// Parses a JSON text; kInvalidArgument with the position of the first mistake. Bytes that are not
/// UTF-8 are kept in strings as they came.
Result<JsonDocument> parse_json(std::string_view text);

/// The bytes of a JSON string value; "" for other values. Valid as long as the document.
std::string_view json_string(livedata_yyjson::yyjson_val* value);

/// A value as compact JSON text.
std::string json_text(livedata_yyjson::yyjson_val* value);

/// What a field holds of a value that is not null: numbers and truth values keep their type,
/// integers beyond int64 become doubles, arrays and objects become JSON text in the arena.
FieldValue json_field_value(livedata_yyjson::yyjson_val* value, TextArena& arena);

/// JSON for for_each_leaf().
struct JsonTree {
  static bool is_object(livedata_yyjson::yyjson_val* value) {
    return livedata_yyjson::yyjson_is_obj(value);
  }
  template <class Visit>
  static bool for_each_member(livedata_yyjson::yyjson_val* object, const Visit& visit) {
    livedata_yyjson::yyjson_obj_iter it = livedata_yyjson::yyjson_obj_iter_with(object);
    while (livedata_yyjson::yyjson_val* key = livedata_yyjson::yyjson_obj_iter_next(&it)) {
      if (!visit(json_string(key), livedata_yyjson::yyjson_obj_iter_get_val(key))) return false;
    }
    return true;
  }
};

}  // namespace livedata::ingest
