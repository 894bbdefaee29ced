#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/values/json.h"

/// Scalars as OTLP/JSON writes them: the JSON mapping of protobuf with the changes of the OTLP
/// specification ("JSON Protobuf Encoding"). A null stands for the default value. Errors are
/// kInvalidArgument and name the field.
namespace livedata::ingest::otlp {

/// 64-bit integers are strings, but numbers are taken too.
Result<std::int64_t> read_int64(std::string_view name, livedata_yyjson::yyjson_val* value);
Result<std::uint64_t> read_uint64(std::string_view name, livedata_yyjson::yyjson_val* value);
Result<std::uint32_t> read_uint32(std::string_view name, livedata_yyjson::yyjson_val* value);

/// A number, a string with one, or "NaN", "Infinity", "-Infinity".
Result<double> read_double(std::string_view name, livedata_yyjson::yyjson_val* value);
Result<bool> read_bool(std::string_view name, livedata_yyjson::yyjson_val* value);
/// Valid as long as the document.
Result<std::string_view> read_text(std::string_view name, livedata_yyjson::yyjson_val* value);

/// A SeverityNumber: its number, or a name such as SEVERITY_NUMBER_INFO2.
Result<std::int64_t> read_severity(std::string_view name, livedata_yyjson::yyjson_val* value);

/// Hexadecimal digits into lower case; an id of zeros into "".
Result<void> read_id(std::string_view name, livedata_yyjson::yyjson_val* value, std::string& id);

}  // namespace livedata::ingest::otlp
