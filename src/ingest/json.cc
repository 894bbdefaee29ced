#include "ingest/json.h"

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

std::string json_text(yyjson_val* value) {
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      yyjson_val_write(value, YYJSON_WRITE_ALLOW_INVALID_UNICODE | YYJSON_WRITE_ALLOW_INF_AND_NAN,
                       &size),
      &std::free);
  return text == nullptr ? std::string() : std::string(text.get(), size);
}

}  // namespace livedata::ingest
