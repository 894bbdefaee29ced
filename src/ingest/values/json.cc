#include "ingest/values/json.h"

#include <cstdint>
#include <cstdlib>

namespace livedata::ingest {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

Result<JsonDocument> parse_json(std::string_view text) {
  yyjson_read_err error;
  // Without YYJSON_READ_INSITU the text is copied and left alone.
  JsonDocument document(yyjson_read_opts(const_cast<char*>(text.data()), text.size(),
                                         YYJSON_READ_ALLOW_INVALID_UNICODE,  // NOLINT
                                         nullptr, &error));
  if (document == nullptr) {
    return fail(ErrorCode::kInvalidArgument, "the JSON is malformed at byte {}: {}", error.pos,
                error.msg);
  }
  return document;
}

std::string_view json_string(yyjson_val* value) {
  if (!yyjson_is_str(value)) return {};
  return {yyjson_get_str(value), yyjson_get_len(value)};
}

namespace {

/// Calls use(text) with the value as compact JSON text.
template <class Use>
auto with_json_text(yyjson_val* value, const Use& use) {
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      yyjson_val_write(value, YYJSON_WRITE_ALLOW_INVALID_UNICODE | YYJSON_WRITE_ALLOW_INF_AND_NAN,
                       &size),
      &std::free);
  return use(text == nullptr ? std::string_view() : std::string_view(text.get(), size));
}

}  // namespace

std::string json_text(yyjson_val* value) {
  return with_json_text(value, [](std::string_view text) { return std::string(text); });
}

FieldValue json_field_value(yyjson_val* value, TextArena& arena) {
  if (yyjson_is_str(value)) return json_string(value);
  if (yyjson_is_bool(value)) return yyjson_get_bool(value);
  const bool is_beyond_int64 =
      yyjson_is_uint(value) && yyjson_get_uint(value) > static_cast<std::uint64_t>(INT64_MAX);
  if (yyjson_is_int(value) && !is_beyond_int64)
    return static_cast<std::int64_t>(yyjson_get_sint(value));
  if (yyjson_is_num(value)) return yyjson_get_num(value);
  return with_json_text(value, [&](std::string_view text) { return arena.keep(text); });
}

}  // namespace livedata::ingest
