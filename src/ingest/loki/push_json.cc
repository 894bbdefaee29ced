// {"streams":[{"stream":{"name":"value"},"values":[["<ns>","line",{"name":"value"}]]}]}, and the
// form of Loki before 1.0: {"streams":[{"labels":"{name=\"value\"}","entries":[{"ts":"<RFC 3339>",
// "line":"line"}]}]}
#include <charconv>

#include "base/time_format.h"
#include "ingest/loki/label_text.h"
#include "ingest/loki/push.h"
#include "ingest/record_intake.h"
#include "ingest/values/json.h"

namespace livedata::ingest::loki {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

Result<TimestampNs> parse_timestamp(yyjson_val* value) {
  if (yyjson_is_int(value)) return yyjson_get_sint(value);
  const std::string_view text = json_string(value);
  TimestampNs time = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "the timestamp '{}' is not a string of nanoseconds since 1970", text.substr(0, 64));
  }
  return time;
}

Result<std::vector<Label>> parse_labels(yyjson_val* object) {
  if (!yyjson_is_obj(object))
    return fail(ErrorCode::kInvalidArgument, "\"stream\" must be an object of labels");
  std::vector<Label> labels;
  yyjson_obj_iter it = yyjson_obj_iter_with(object);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    yyjson_val* value = yyjson_obj_iter_get_val(key);
    if (!yyjson_is_str(value)) {
      return fail(ErrorCode::kInvalidArgument, "the value of label '{}' must be a string",
                  json_string(key).substr(0, 64));
    }
    labels.push_back({std::string(json_string(key)), std::string(json_string(value))});
  }
  return labels;
}

Result<void> parse_metadata(yyjson_val* object, std::vector<Field>& fields) {
  if (object == nullptr) return {};
  if (!yyjson_is_obj(object))
    return fail(ErrorCode::kInvalidArgument, "structured metadata must be an object");
  yyjson_obj_iter it = yyjson_obj_iter_with(object);
  while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
    yyjson_val* value = yyjson_obj_iter_get_val(key);
    if (!yyjson_is_str(value)) {
      return fail(ErrorCode::kInvalidArgument, "the structured metadata '{}' must be a string",
                  json_string(key).substr(0, 64));
    }
    fields.push_back({json_string(key), json_string(value)});
  }
  return {};
}

Result<void> parse_entry(yyjson_val* entry, const RecordIntake::StreamSlot& slot,
                         std::vector<Field>& fields, RecordIntake& intake) {
  if (!yyjson_is_arr(entry) || yyjson_arr_size(entry) < 2 ||
      !yyjson_is_str(yyjson_arr_get(entry, 1))) {
    return fail(
        ErrorCode::kInvalidArgument,
        "a value must be [\"<nanoseconds>\", \"line\"], with an object of metadata behind them");
  }
  LIVEDATA_TRY(const TimestampNs time, parse_timestamp(yyjson_arr_get_first(entry)));
  fields.clear();
  LIVEDATA_RETURN_IF_ERROR(parse_metadata(yyjson_arr_get(entry, 2), fields));
  intake.add(slot, time, json_string(yyjson_arr_get(entry, 1)), fields);
  return {};
}

Result<void> parse_old_entry(yyjson_val* entry, const RecordIntake::StreamSlot& slot,
                             std::vector<Field>& fields, RecordIntake& intake) {
  yyjson_val* line = yyjson_obj_get(entry, "line");
  if (!yyjson_is_str(line))
    return fail(ErrorCode::kInvalidArgument, "an entry must have a \"line\", a string");
  LIVEDATA_TRY(const TimestampNs time, parse_rfc3339(json_string(yyjson_obj_get(entry, "ts"))));
  fields.clear();
  intake.add(slot, time, json_string(line), fields);
  return {};
}

/// One member of "streams", in either form.
Result<void> parse_stream(yyjson_val* stream, std::vector<Field>& fields, RecordIntake& intake) {
  yyjson_val* old_labels = yyjson_obj_get(stream, "labels");
  const bool is_old = yyjson_is_str(old_labels);
  LIVEDATA_TRY(std::vector<Label> labels, is_old ? parse_label_text(json_string(old_labels))
                                                 : parse_labels(yyjson_obj_get(stream, "stream")));
  yyjson_val* values = yyjson_obj_get(stream, is_old ? "entries" : "values");
  if (!yyjson_is_arr(values)) {
    return fail(ErrorCode::kInvalidArgument, "\"{}\" must be an array",
                is_old ? "entries" : "values");
  }
  const RecordIntake::StreamSlot slot = intake.stream(std::move(labels));
  yyjson_arr_iter it = yyjson_arr_iter_with(values);
  while (yyjson_val* entry = yyjson_arr_iter_next(&it)) {
    LIVEDATA_RETURN_IF_ERROR(is_old ? parse_old_entry(entry, slot, fields, intake)
                                    : parse_entry(entry, slot, fields, intake));
  }
  return {};
}

}  // namespace

Result<Decoded> decode_json(std::string_view body, const DecodeContext& context) {
  LIVEDATA_TRY(const JsonDocument document, parse_json(body));
  yyjson_val* streams = yyjson_obj_get(yyjson_doc_get_root(document.get()), "streams");
  if (!yyjson_is_arr(streams))
    return fail(ErrorCode::kInvalidArgument,
                "the body must be an object with an array \"streams\"");
  RecordIntake intake(context);
  std::vector<Field> fields;
  yyjson_arr_iter it = yyjson_arr_iter_with(streams);
  while (yyjson_val* stream = yyjson_arr_iter_next(&it))
    LIVEDATA_RETURN_IF_ERROR(parse_stream(stream, fields, intake));
  return intake.take();
}

}  // namespace livedata::ingest::loki
