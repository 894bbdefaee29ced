#include "ingest/otlp/value_text.h"

#include <cmath>
#include <cstdlib>
#include <memory>

#include "ingest/values/json.h"
#include "model/record_batch.h"

namespace livedata::ingest::otlp {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

struct FreeMutableJson {
  void operator()(yyjson_mut_doc* document) const { yyjson_mut_doc_free(document); }
};

yyjson_mut_val* to_json(yyjson_mut_doc* document, std::string_view text) {
  // yyjson makes no string of a null pointer, which is what an absent key has.
  return yyjson_mut_strn(document, text.empty() ? "" : text.data(), text.size());
}

/// Makes a value part of a JSON document, which then points to the value's text.
class JsonBuilder {
 public:
  explicit JsonBuilder(yyjson_mut_doc* document) : document_(document) {}

  yyjson_mut_val* operator()(std::monostate /*empty*/) const { return yyjson_mut_null(document_); }
  yyjson_mut_val* operator()(std::string_view text) const { return to_json(document_, text); }
  yyjson_mut_val* operator()(const std::string& base64) const { return to_json(document_, base64); }
  yyjson_mut_val* operator()(bool value) const { return yyjson_mut_bool(document_, value); }
  yyjson_mut_val* operator()(std::int64_t value) const { return yyjson_mut_sint(document_, value); }
  yyjson_mut_val* operator()(double value) const {
    if (std::isfinite(value)) return yyjson_mut_real(document_, value);
    const std::string text = to_string(FieldValue(value));  // JSON has no number for it
    return yyjson_mut_strncpy(document_, text.data(), text.size());
  }
  yyjson_mut_val* operator()(const std::vector<Value>& values) const {
    yyjson_mut_val* array = yyjson_mut_arr(document_);
    for (const Value& value : values)
      yyjson_mut_arr_append(array, std::visit(*this, value.content));
    return array;
  }
  yyjson_mut_val* operator()(const std::vector<Attribute>& members) const {
    yyjson_mut_val* object = yyjson_mut_obj(document_);
    for (const Attribute& member : members)
      yyjson_mut_obj_add(object, to_json(document_, member.key),
                         std::visit(*this, member.value.content));
    return object;
  }

 private:
  yyjson_mut_doc* document_;
};

std::string json_of(const Value& value) {
  const std::unique_ptr<yyjson_mut_doc, FreeMutableJson> document(yyjson_mut_doc_new(nullptr));
  yyjson_mut_val* root = std::visit(JsonBuilder(document.get()), value.content);
  std::size_t size = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      yyjson_mut_val_write(root, YYJSON_WRITE_ALLOW_INVALID_UNICODE, &size), &std::free);
  return text == nullptr ? std::string() : std::string(text.get(), size);
}

}  // namespace

std::string text_of(const Value& value) {
  return std::visit(
      [&value](const auto& content) -> std::string {
        using T = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return {};
        } else if constexpr (std::is_same_v<T, std::string>) {
          return content;
        } else if constexpr (std::is_same_v<T, std::vector<Value>> ||
                             std::is_same_v<T, std::vector<Attribute>>) {
          return json_of(value);
        } else {
          return to_string(FieldValue(content));
        }
      },
      value.content);
}

}  // namespace livedata::ingest::otlp
