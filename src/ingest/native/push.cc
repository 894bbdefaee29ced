#include "ingest/native/push.h"

#include "ingest/json_time.h"
#include "ingest/record_intake.h"
#include "ingest/stream_cache.h"
#include "ingest/text_lines.h"
#include "ingest/values/json.h"
#include "ingest/values/json_fields.h"
#include "model/service_name.h"

namespace livedata::ingest::native {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

/// Turns JSON objects into records.
class ObjectReader {
 public:
  ObjectReader(const Labels& labels, const Limits& limits, RecordIntake& intake)
      : request_labels_(labels),
        limits_(limits),
        intake_(intake),
        streams_(intake),
        fields_(limits) {}

  Result<void> read(yyjson_val* object) {
    if (!yyjson_is_obj(object))
      return fail(ErrorCode::kInvalidArgument, "a record must be a JSON object");
    labels_.clear();
    for (const Label& label : request_labels_) labels_.push_back({label.name, label.value});
    fields_.clear();
    line_.reset();
    time_.reset();
    yyjson_obj_iter it = yyjson_obj_iter_with(object);
    while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
      LIVEDATA_RETURN_IF_ERROR(read_member(json_string(key), yyjson_obj_iter_get_val(key)));
    }
    if (!line_) line_ = fields_.keep(json_text(object));
    intake_.add(streams_.find(labels_), time_.value_or(intake_.now()), *line_, fields_.flatten());
    return {};
  }

 private:
  Result<void> read_member(std::string_view name, yyjson_val* value) {
    if (name == "timestamp" || name == "time" || name == "ts") {
      LIVEDATA_TRY(time_, time_of_json(value));
    } else if ((name == "message" || name == "msg") && yyjson_is_str(value) && !line_) {
      line_ = json_string(value);
    } else if (name == "service" && yyjson_is_str(value)) {
      set_label(kServiceNameLabel, json_string(value));
    } else if (name == "labels" && yyjson_is_obj(value)) {
      yyjson_obj_iter it = yyjson_obj_iter_with(value);
      while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
        if (labels_.size() > limits_.max_label_names) break;  // the intake will reject it
        yyjson_val* label = yyjson_obj_iter_get_val(key);
        set_label(json_string(key),
                  yyjson_is_str(label) ? json_string(label) : fields_.keep(json_text(label)));
      }
    } else {
      fields_.add(name, value);
    }
    return {};
  }

  void set_label(std::string_view name, std::string_view value) {
    std::erase_if(labels_, [&](const auto& label) { return label.name == name; });
    labels_.push_back({name, value});
  }

  const Labels& request_labels_;
  const Limits& limits_;
  RecordIntake& intake_;
  StreamCache streams_;
  JsonFields fields_;
  std::vector<StreamCache::LabelView> labels_;
  std::optional<std::string_view> line_;
  std::optional<TimestampNs> time_;
};

Result<void> decode_json(std::string_view body, ObjectReader& reader, RecordIntake& intake) {
  LIVEDATA_TRY(const JsonDocument document, parse_json(body));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  if (!yyjson_is_arr(root)) return reader.read(root);
  std::size_t index = 0;
  yyjson_arr_iter it = yyjson_arr_iter_with(root);
  while (yyjson_val* object = yyjson_arr_iter_next(&it)) {
    if (auto read = reader.read(object); !read) {
      intake.reject("invalid_record", fmt::format("element {}: {}", index, read.error().message));
    }
    ++index;
  }
  return {};
}

void decode_ndjson(std::string_view body, ObjectReader& reader, RecordIntake& intake) {
  std::size_t number = 0;
  for_each_line(body, [&](std::string_view line) {
    ++number;
    if (is_blank(line)) return;
    auto document = parse_json(line);
    const Result<void> read =
        document ? reader.read(yyjson_doc_get_root(document->get())) : fail(document.error());
    if (!read)
      intake.reject("invalid_record", fmt::format("line {}: {}", number, read.error().message));
  });
}

void decode_text(std::string_view body, const Labels& labels, RecordIntake& intake) {
  std::vector<Label> list(labels.begin(), labels.end());
  if (list.empty()) list.push_back({std::string(kServiceNameLabel), "unknown_service"});
  const RecordIntake::StreamSlot slot = intake.stream(std::move(list));
  std::vector<Field> fields;
  TimestampNs time = intake.now();
  for_each_line(body, [&](std::string_view line) {
    fields.clear();
    // A nanosecond between lines keeps their order, and equal lines apart.
    intake.add(slot, time++, line, fields);
  });
}

}  // namespace

Result<Format> detect_format(std::string_view content_type, std::string_view body) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (type == "application/x-ndjson" || type == "application/jsonl" ||
      type == "application/stream+json")
    return Format::kNdjson;
  if (type == "text/plain") return Format::kText;
  // curl -d sends this type unless told otherwise, so it says nothing about the body.
  const bool says_nothing = type.empty() || type == "application/x-www-form-urlencoded" ||
                            type == "application/octet-stream";
  if (type != "application/json" && !says_nothing) {
    return fail(ErrorCode::kInvalidArgument,
                "Content-Type '{}' is not supported; use application/json, application/x-ndjson or "
                "text/plain",
                type);
  }
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (body[first] != '{' && body[first] != '[')) {
    return says_nothing ? Format::kText : Format::kJson;
  }
  if (body[first] == '[') return Format::kJson;
  // Several objects, each on a line of its own, are NDJSON whatever the header says.
  const std::size_t line_end = body.find('\n', first);
  const bool more = line_end != std::string_view::npos &&
                    body.find_first_not_of(" \t\r\n", line_end) != std::string_view::npos;
  return more && parse_json(body.substr(first, line_end - first)) ? Format::kNdjson : Format::kJson;
}

Result<Decoded> decode(std::string_view body, Format format, const Labels& labels,
                       const DecodeContext& context) {
  RecordIntake intake(context);
  ObjectReader reader(labels, context.limits, intake);
  switch (format) {
    case Format::kJson:
      LIVEDATA_RETURN_IF_ERROR(decode_json(body, reader, intake));
      break;
    case Format::kNdjson:
      decode_ndjson(body, reader, intake);
      break;
    case Format::kText:
      decode_text(body, labels, intake);
      break;
  }
  return intake.take();
}

}  // namespace livedata::ingest::native
