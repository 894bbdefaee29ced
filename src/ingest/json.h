#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <yyjson.hpp>

#include "base/result.h"

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

}  // namespace livedata::ingest
