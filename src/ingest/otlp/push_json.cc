// The messages of push_protobuf.cc in OTLP/JSON:
// {"resourceLogs":[{"resource":{...},"scopeLogs":[{"scope":{...},"logRecords":[{...}]}]}]}
#include "encoding/base64.h"
#include "ingest/otlp/json_field.h"
#include "ingest/otlp/log_record.h"
#include "ingest/otlp/push.h"
#include "ingest/otlp/record_mapper.h"
#include "ingest/values/json.h"

namespace livedata::ingest::otlp {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

/// Whether a JSON name stands for a protobuf field: `field` in snake_case, or in camelCase.
bool is_named(std::string_view name, std::string_view field) {
  if (name == field) return true;
  std::size_t i = 0;
  bool upper = false;
  for (const char c : field) {
    if (c == '_') {
      upper = true;
      continue;
    }
    const char wanted = upper ? static_cast<char>(c - ('a' - 'A')) : c;
    if (i >= name.size() || name[i] != wanted) return false;
    ++i;
    upper = false;
  }
  return i == name.size();
}

/// Visits the members of an object. Null is an empty one.
template <class Visit>
Result<void> for_each_member(std::string_view what, yyjson_val* object, const Visit& visit) {
  if (yyjson_is_null(object)) return {};
  if (!yyjson_is_obj(object))
    return fail(ErrorCode::kInvalidArgument, "\"{}\" must be an object", what);
  yyjson_obj_iter it = yyjson_obj_iter_with(object);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    LIVEDATA_RETURN_IF_ERROR(visit(json_string(key), yyjson_obj_iter_get_val(key)));
  }
  return {};
}

/// Visits the elements of an array. Null is an empty one.
template <class Visit>
Result<void> for_each_element(std::string_view what, yyjson_val* array, const Visit& visit) {
  if (yyjson_is_null(array)) return {};
  if (!yyjson_is_arr(array))
    return fail(ErrorCode::kInvalidArgument, "\"{}\" must be an array", what);
  yyjson_arr_iter it = yyjson_arr_iter_with(array);
  while (yyjson_val* element = yyjson_arr_iter_next(&it)) LIVEDATA_RETURN_IF_ERROR(visit(element));
  return {};
}

/// The same for every member of an object with that name.
template <class Visit>
Result<void> for_each_element_of(std::string_view what, yyjson_val* object, std::string_view field,
                                 const Visit& visit) {
  return for_each_member(what, object, [&](std::string_view name, yyjson_val* value) {
    return is_named(name, field) ? for_each_element(field, value, visit) : Result<void>();
  });
}

/// Reads a request into a RecordMapper. A record that is wrong is rejected alone.
class RequestReader {
 public:
  RequestReader(const Limits& limits, RecordMapper& mapper)
      : mapper_(mapper), num_values_(limits) {}

  Result<void> read(yyjson_val* request) {
    if (!yyjson_is_obj(request))
      return fail(ErrorCode::kInvalidArgument,
                  "the body must be an object with an array \"resourceLogs\"");
    return for_each_element_of("request", request, "resource_logs",
                               [this](yyjson_val* element) { return read_resource_logs(element); });
  }

 private:
  Result<void> read_resource_logs(yyjson_val* resource_logs) {
    num_values_.start();
    resource_ = Resource();
    LIVEDATA_RETURN_IF_ERROR(for_each_member(
        "resourceLogs", resource_logs, [this](std::string_view name, yyjson_val* value) {
          return name == "resource" ? read_resource(value) : Result<void>();
        }));
    mapper_.set_resource(resource_);
    return for_each_element_of("resourceLogs", resource_logs, "scope_logs",
                               [this](yyjson_val* element) { return read_scope_logs(element); });
  }

  Result<void> read_resource(yyjson_val* resource) {
    return for_each_member("resource", resource,
                           [this](std::string_view name, yyjson_val* value) -> Result<void> {
                             if (name == "attributes")
                               return read_attributes(value, resource_.attributes, 0);
                             if (is_named(name, "dropped_attributes_count")) {
                               LIVEDATA_TRY(resource_.dropped_attributes, read_uint32(name, value));
                             }
                             return {};
                           });
  }

  Result<void> read_scope_logs(yyjson_val* scope_logs) {
    num_values_.start();
    scope_ = Scope();
    LIVEDATA_RETURN_IF_ERROR(
        for_each_member("scopeLogs", scope_logs, [this](std::string_view name, yyjson_val* value) {
          return name == "scope" ? read_scope(value) : Result<void>();
        }));
    mapper_.set_scope(scope_);
    return for_each_element_of("scopeLogs", scope_logs, "log_records",
                               [this](yyjson_val* element) { return add_record(element); });
  }

  Result<void> read_scope(yyjson_val* scope) {
    return for_each_member("scope", scope,
                           [this](std::string_view name, yyjson_val* value) -> Result<void> {
                             if (name == "attributes")
                               return read_attributes(value, scope_.attributes, 0);
                             if (name == "name") {
                               LIVEDATA_TRY(scope_.name, read_text(name, value));
                             } else if (name == "version") {
                               LIVEDATA_TRY(scope_.version, read_text(name, value));
                             } else if (is_named(name, "dropped_attributes_count")) {
                               LIVEDATA_TRY(scope_.dropped_attributes, read_uint32(name, value));
                             }
                             return {};
                           });
  }

  Result<void> add_record(yyjson_val* object) {
    if (!yyjson_is_obj(object)) {
      mapper_.reject("a log record must be an object");
      return {};
    }
    num_values_.start();
    record_.clear();
    const Result<void> read = for_each_member(
        "logRecords", object,
        [this](std::string_view name, yyjson_val* value) { return read_property(name, value); });
    if (read) return mapper_.add(record_);
    mapper_.reject(read.error().message);
    return {};
  }

  Result<void> read_property(std::string_view name, yyjson_val* value) {
    if (name == "body") return read_value(value, record_.body, 0);
    if (name == "attributes") return read_attributes(value, record_.attributes, 0);
    if (is_named(name, "trace_id")) return read_id(name, value, record_.trace_id);
    if (is_named(name, "span_id")) return read_id(name, value, record_.span_id);
    if (is_named(name, "time_unix_nano")) {
      LIVEDATA_TRY(record_.time, read_uint64(name, value));
    } else if (is_named(name, "observed_time_unix_nano")) {
      LIVEDATA_TRY(record_.observed_time, read_uint64(name, value));
    } else if (is_named(name, "severity_number")) {
      LIVEDATA_TRY(record_.severity_number, read_severity(name, value));
    } else if (is_named(name, "severity_text")) {
      LIVEDATA_TRY(record_.severity_text, read_text(name, value));
    } else if (is_named(name, "event_name")) {
      LIVEDATA_TRY(record_.event_name, read_text(name, value));
    } else if (is_named(name, "dropped_attributes_count")) {
      LIVEDATA_TRY(record_.dropped_attributes, read_uint32(name, value));
    } else if (name == "flags") {
      LIVEDATA_TRY(record_.flags, read_uint32(name, value));
    }
    return {};
  }

  Result<void> read_attributes(yyjson_val* array, std::vector<Attribute>& attributes, int depth) {
    return for_each_element("attributes", array, [&](yyjson_val* element) {
      return read_attribute(element, attributes, depth);
    });
  }

  Result<void> read_attribute(yyjson_val* object, std::vector<Attribute>& attributes, int depth) {
    LIVEDATA_RETURN_IF_ERROR(num_values_.add());
    Attribute& attribute = attributes.emplace_back();
    return for_each_member("attributes", object,
                           [&](std::string_view name, yyjson_val* value) -> Result<void> {
                             if (name == "value") return read_value(value, attribute.value, depth);
                             if (name == "key") {
                               LIVEDATA_TRY(attribute.key, read_text(name, value));
                             }
                             return {};
                           });
  }

  Result<void> read_value(yyjson_val* object, Value& value, int depth) {
    if (depth >= kMaxValueDepth)
      return fail(ErrorCode::kInvalidArgument, "a value is nested deeper than {} levels",
                  kMaxValueDepth);
    return for_each_member("value", object, [&](std::string_view name, yyjson_val* content) {
      return read_alternative(name, content, value, depth);
    });
  }

  Result<void> read_alternative(std::string_view name, yyjson_val* content, Value& value,
                                int depth) {
    if (yyjson_is_null(content)) return {};
    if (is_named(name, "string_value")) {
      LIVEDATA_TRY(value.content, read_text(name, content));
    } else if (is_named(name, "bool_value")) {
      LIVEDATA_TRY(value.content, read_bool(name, content));
    } else if (is_named(name, "int_value")) {
      LIVEDATA_TRY(value.content, read_int64(name, content));
    } else if (is_named(name, "double_value")) {
      LIVEDATA_TRY(value.content, read_double(name, content));
    } else if (is_named(name, "bytes_value")) {
      LIVEDATA_TRY(const std::string_view text, read_text(name, content));
      LIVEDATA_TRY(const std::string bytes, encoding::base64_decode(text));
      value.content = encoding::base64_encode(bytes);
    } else if (is_named(name, "array_value")) {
      return read_array(content, value, depth + 1);
    } else if (is_named(name, "kvlist_value")) {
      auto& members = value.content.emplace<std::vector<Attribute>>();
      return for_each_element_of(name, content, "values", [&](yyjson_val* element) {
        return read_attribute(element, members, depth + 1);
      });
    }
    return {};
  }

  Result<void> read_array(yyjson_val* array, Value& value, int depth) {
    auto& values = value.content.emplace<std::vector<Value>>();
    return for_each_element_of("arrayValue", array, "values",
                               [&](yyjson_val* element) -> Result<void> {
                                 LIVEDATA_RETURN_IF_ERROR(num_values_.add());
                                 return read_value(element, values.emplace_back(), depth);
                               });
  }

  RecordMapper& mapper_;
  Resource resource_;
  Scope scope_;
  LogRecord record_;
  ValueCount num_values_;
};

}  // namespace

Result<Decoded> decode_json(std::string_view body, const DecodeContext& context) {
  LIVEDATA_TRY(const JsonDocument document, parse_json(body));
  RecordMapper mapper(context);
  LIVEDATA_RETURN_IF_ERROR(
      RequestReader(context.limits, mapper).read(yyjson_doc_get_root(document.get())));
  return mapper.take();
}

}  // namespace livedata::ingest::otlp
