#include "server/records/record_json.h"

#include <charconv>
#include <cmath>
#include <memory>

#include <fmt/format.h>
#include <yyjson.hpp>

#include "archive/records/exact_record.h"
#include "base/time_format.h"
#include "base/utf8.h"
#include "encoding/base64.h"
#include "server/json/json_writer.h"

namespace livedata::server::records {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

using Document = std::unique_ptr<yyjson_doc, decltype(&yyjson_doc_free)>;

/// JSON keeps the types apart by the dot.
std::string double_text(double value) {
  if (!std::isfinite(value)) return "null";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void write_value(const FieldValue& value, JsonWriter& json) {
  if (const auto* text = std::get_if<std::string_view>(&value)) json.string(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) json.raw(std::to_string(*number));
  if (const auto* number = std::get_if<double>(&value)) json.raw(double_text(*number));
  if (const auto* flag = std::get_if<bool>(&value)) json.raw(*flag ? "true" : "false");
}

void write_labels(const Labels& labels, JsonWriter& json) {
  json.begin_object();
  for (const Label& label : labels) json.key(label.name).string(label.value);
  json.end_object();
}

void write_fields(const std::vector<Field>& fields, JsonWriter& json) {
  json.begin_object();
  const Field* last = nullptr;
  for (const Field& field : fields) {
    if (last == nullptr || last->name != field.name) write_value(field.value, json.key(field.name));
    last = &field;
  }
  json.end_object();
}

bool is_exact_in_json(const Field& field) {
  if (!is_utf8(field.name)) return false;
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return is_utf8(*text);
  const auto* number = std::get_if<double>(&field.value);
  return number == nullptr || std::isfinite(*number);
}

std::string_view text_of(yyjson_val* value) {
  return {yyjson_get_str(value), yyjson_get_len(value)};
}

Document parse(std::string_view json) {
  return {yyjson_read(json.data(), json.size(), 0), &yyjson_doc_free};
}

Result<Labels> labels_of(yyjson_val* object) {
  if (!yyjson_is_obj(object)) return fail(ErrorCode::kInvalidArgument, "labels are no JSON object");
  std::vector<Label> labels;
  yyjson_obj_iter members = yyjson_obj_iter_with(object);
  while (yyjson_val* name = yyjson_obj_iter_next(&members)) {
    yyjson_val* value = yyjson_obj_iter_get_val(name);
    if (!yyjson_is_str(value) || !is_label_name(text_of(name))) {
      return fail(ErrorCode::kInvalidArgument, "'{}' is no label with a text", text_of(name));
    }
    labels.push_back({std::string(text_of(name)), std::string(text_of(value))});
  }
  return Labels(std::move(labels));
}

Result<FieldValue> value_of(yyjson_val* value) {
  if (yyjson_is_str(value)) return text_of(value);
  if (yyjson_is_bool(value)) return yyjson_get_bool(value);
  if (yyjson_is_real(value)) return yyjson_get_real(value);
  const bool is_large = yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX;
  if (yyjson_is_int(value) && !is_large) return yyjson_get_sint(value);
  return fail(ErrorCode::kInvalidArgument, "a field is no text, truth value, or number of 64 bits");
}

Result<std::vector<Field>> fields_of(yyjson_val* object) {
  std::vector<Field> fields;
  if (object == nullptr) return fields;
  if (!yyjson_is_obj(object)) return fail(ErrorCode::kInvalidArgument, "fields are no JSON object");
  yyjson_obj_iter members = yyjson_obj_iter_with(object);
  while (yyjson_val* name = yyjson_obj_iter_next(&members)) {
    LIVEDATA_TRY(const FieldValue value, value_of(yyjson_obj_iter_get_val(name)));
    fields.push_back({text_of(name), value});
  }
  return fields;
}

Result<void> add_exact(std::string_view base64, TimestampNs time, RecordBatch& batch) {
  LIVEDATA_TRY(const std::string bytes, encoding::base64_decode(base64));
  auto record = archive::decode_exact(bytes);
  if (!record) return fail(ErrorCode::kInvalidArgument, "{}", record.error().message);
  for (const Label& label : record->labels) {
    if (!is_label_name(label.name))
      return fail(ErrorCode::kInvalidArgument, "'{}' is no name of a label", as_utf8(label.name));
  }
  batch.add(batch.add_stream(Labels(std::move(record->labels))), time, record->line,
            record->fields);
  return {};
}

}  // namespace

bool is_inexact(const RecordBatch& batch, RowIndex row) {
  if (!is_utf8(batch.line(row))) return true;
  for (const Label& label : batch.stream(row).labels) {
    if (!is_utf8(label.name) || !is_utf8(label.value)) return true;
  }
  const auto fields = batch.fields(row);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool is_repeated = i > 0 && fields[i].name == fields[i - 1].name;
    if (is_repeated || !is_exact_in_json(fields[i])) return true;
  }
  return false;
}

std::string labels_json(const Labels& labels) {
  JsonWriter json;
  write_labels(labels, json);
  return json.take();
}

std::string fields_json(const RecordBatch& batch, RowIndex row) {
  JsonWriter json;
  write_fields(batch.fields(row), json);
  return json.take();
}

Result<Labels> parse_labels_json(std::string_view json) {
  const Document document = parse(json);
  return labels_of(yyjson_doc_get_root(document.get()));
}

void append_json(const RecordBatch& batch, RowIndex row, std::string& out) {
  JsonWriter json;
  json.begin_object().key("time").string(format_rfc3339(batch.timestamps()[row]));
  write_labels(batch.stream(row).labels, json.key("labels"));
  json.key("line").string(batch.line(row));
  if (const auto fields = batch.fields(row); !fields.empty())
    write_fields(fields, json.key("fields"));
  if (is_inexact(batch, row))
    json.key("exact").string(encoding::base64_encode(archive::encode_exact(batch, row)));
  out += json.end_object().take();
  out += '\n';
}

void append_json(const RecordBatch& batch, std::string& out) {
  for (RowIndex row = 0; row < batch.num_rows(); ++row) append_json(batch, row, out);
}

Result<void> parse_json(std::string_view line, RecordBatch& batch) {
  const Document document = parse(line);
  yyjson_val* root = yyjson_doc_get_root(document.get());
  yyjson_val* time = yyjson_obj_get(root, "time");
  yyjson_val* text = yyjson_obj_get(root, "line");
  yyjson_val* exact = yyjson_obj_get(root, "exact");
  if (!yyjson_is_str(time) || !yyjson_is_str(text))
    return fail(ErrorCode::kInvalidArgument, "a record has a time, labels and a line");
  LIVEDATA_TRY(const TimestampNs timestamp, parse_rfc3339(text_of(time)));
  if (yyjson_is_str(exact)) return add_exact(text_of(exact), timestamp, batch);
  LIVEDATA_TRY(Labels labels, labels_of(yyjson_obj_get(root, "labels")));
  LIVEDATA_TRY(const auto fields, fields_of(yyjson_obj_get(root, "fields")));
  batch.add(batch.add_stream(std::move(labels)), timestamp, text_of(text), fields);
  return {};
}

Result<void> add_record(const RecordText& text, RecordBatch& batch) {
  LIVEDATA_TRY(const TimestampNs timestamp, parse_rfc3339(text.time));
  if (!text.exact.empty()) return add_exact(text.exact, timestamp, batch);
  LIVEDATA_TRY(Labels labels, parse_labels_json(text.labels.empty() ? "{}" : text.labels));
  const Document document = parse(text.fields.empty() ? "{}" : text.fields);
  LIVEDATA_TRY(const auto fields, fields_of(yyjson_doc_get_root(document.get())));
  if (document == nullptr) return fail(ErrorCode::kInvalidArgument, "fields are no JSON object");
  batch.add(batch.add_stream(std::move(labels)), timestamp, text.line, fields);
  return {};
}

}  // namespace livedata::server::records
