#include "ingest/hec/events.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ingest/json_time.h"
#include "ingest/record_intake.h"
#include "ingest/stream_cache.h"
#include "ingest/text_lines.h"
#include "ingest/values/json.h"
#include "ingest/values/json_fields.h"
#include "model/service_name.h"

namespace livedata::ingest::hec {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::array<std::string_view, 4> kServiceFields = {"service.name", "service_name",
                                                            "service", "app"};

std::string_view or_default(std::string_view value, std::string_view fallback) {
  return value.empty() ? fallback : value;
}

/// Bytes of the object or array at the start of the text; 0 if it does not end.
std::size_t json_size(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return i + 1;
    }
  }
  return 0;
}

/// The records of one request on their way to the intake.
class Reader {
 public:
  Reader(const Metadata& defaults, const DecodeContext& context)
      : defaults_(defaults),
        limits_(context.limits),
        intake_(context),
        streams_(intake_),
        fields_(context.limits),
        next_arrival_(context.now) {}

  void read_events(std::string_view body) {
    for (;;) {
      const std::size_t start = body.find_first_not_of(" \t\r\n");
      if (start == std::string_view::npos) return;
      body.remove_prefix(start);
      const bool opens = body.front() == '{' || body.front() == '[';
      const std::size_t size = opens ? json_size(body) : 0;
      // What does not end may be anything, so nothing behind it can be told apart.
      if (size == 0) return refuse(Fault::kInvalidFormat, "the body is not JSON");
      read_json(body.substr(0, size));
      body.remove_prefix(size);
    }
  }

  void read_lines(std::string_view body) {
    for_each_line(body, [this](std::string_view line) {
      if (is_blank(line)) return;
      fields_.clear();
      add(defaults_, "", next_arrival_++, line);
    });
  }

  Events take() {
    if (number_ == 0 && !refused_) refused_ = Refusal{Fault::kNoData, std::nullopt};
    return {intake_.take(), refused_};
  }

 private:
  void refuse(Fault fault, std::string_view message) {
    intake_.reject("invalid_record", message);
    note(fault);
  }
  void note(Fault fault) {
    if (!refused_) refused_ = Refusal{fault, number_};
    ++number_;
  }

  void read_json(std::string_view json) {
    const auto document = parse_json(json);
    if (!document) return refuse(Fault::kInvalidFormat, document.error().message);
    yyjson_val* root = yyjson_doc_get_root(document->get());
    if (!yyjson_is_arr(root)) return read_event(root);
    yyjson_arr_iter it = yyjson_arr_iter_with(root);
    while (yyjson_val* event = yyjson_arr_iter_next(&it)) read_event(event);
  }

  void read_event(yyjson_val* object) {
    if (!yyjson_is_obj(object)) return refuse(Fault::kInvalidFormat, "an event must be an object");
    fields_.clear();
    event_ = nullptr;
    indexed_fields_ = nullptr;
    service_ = {};
    time_.reset();
    Metadata metadata = defaults_;
    yyjson_obj_iter it = yyjson_obj_iter_with(object);
    while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
      if (const auto read = read_member(json_string(key), yyjson_obj_iter_get_val(key), metadata);
          !read)
        return refuse(Fault::kInvalidFormat, read.error().message);
    }
    if (event_ == nullptr || yyjson_is_null(event_))
      return refuse(Fault::kEventRequired, "an event has no \"event\"");
    if (yyjson_equals_str(event_, ""))
      return refuse(Fault::kEventBlank, "the \"event\" of an event is empty");
    if (!read_indexed_fields())
      return refuse(Fault::kIndexedFields, "\"fields\" must be an object without objects in it");
    if (metadata.index.size() > limits_.max_label_value_bytes)
      return refuse(Fault::kIncorrectIndex, "the name of the index is too long");
    const std::string_view line =
        yyjson_is_str(event_) ? json_string(event_) : fields_.keep(json_text(event_));
    add(metadata, service_, time_ ? *time_ : next_arrival_++, line);
  }

  Result<void> read_member(std::string_view name, yyjson_val* value, Metadata& metadata) {
    if (name == "event") {
      event_ = value;
    } else if (name == "time") {
      if (!yyjson_is_null(value)) {
        LIVEDATA_TRY(time_, time_of_json(value));
      }
    } else if (name == "fields") {
      indexed_fields_ = value;
    } else if (name == "index") {
      metadata.index = or_default(text_of(value), metadata.index);
    } else if (name == "sourcetype") {
      metadata.sourcetype = or_default(text_of(value), metadata.sourcetype);
    } else if (name == "source") {
      metadata.source = or_default(text_of(value), metadata.source);
    } else if (name == "host") {
      metadata.host = or_default(text_of(value), metadata.host);
    } else {
      fields_.add(name, value);
    }
    return {};
  }

  bool read_indexed_fields() {
    if (indexed_fields_ == nullptr || yyjson_is_null(indexed_fields_)) return true;
    if (!yyjson_is_obj(indexed_fields_)) return false;
    yyjson_obj_iter it = yyjson_obj_iter_with(indexed_fields_);
    while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
      yyjson_val* value = yyjson_obj_iter_get_val(key);
      if (yyjson_is_obj(value)) return false;
      const std::string_view name = json_string(key);
      const bool names_service =
          std::find(kServiceFields.begin(), kServiceFields.end(), name) != kServiceFields.end();
      if (names_service && service_.empty() && !json_string(value).empty()) {
        service_ = json_string(value);
      } else {
        fields_.add(name, value);
      }
    }
    return true;
  }

  std::string_view text_of(yyjson_val* value) {
    if (yyjson_is_null(value)) return {};
    return yyjson_is_str(value) ? json_string(value) : fields_.keep(json_text(value));
  }

  void add(const Metadata& metadata, std::string_view service, TimestampNs time,
           std::string_view line) {
    const std::array<StreamCache::LabelView, 5> labels = {{
        {"index", or_default(metadata.index, "main")},
        {"sourcetype", or_default(metadata.sourcetype, "httpevent")},
        {"source", or_default(metadata.source, "http")},
        {"host", metadata.host},
        {kServiceNameLabel, service},
    }};
    if (intake_.add(streams_.find(labels), time, line, fields_.flatten())) {
      ++number_;
    } else {
      note(Fault::kInvalidFormat);
    }
  }

  const Metadata defaults_;
  const Limits& limits_;
  RecordIntake intake_;
  StreamCache streams_;
  JsonFields fields_;
  TimestampNs next_arrival_;
  std::size_t number_ = 0;  // of the event being read
  std::optional<Refusal> refused_;
  // Members of the event being read.
  yyjson_val* event_ = nullptr;
  yyjson_val* indexed_fields_ = nullptr;
  std::string_view service_;
  std::optional<TimestampNs> time_;
};

}  // namespace

Events decode_events(std::string_view body, const Metadata& defaults,
                     const DecodeContext& context) {
  Reader reader(defaults, context);
  reader.read_events(body);
  return reader.take();
}

Events decode_raw(std::string_view body, const Metadata& metadata, const DecodeContext& context) {
  Reader reader(metadata, context);
  reader.read_lines(body);
  return reader.take();
}

}  // namespace livedata::ingest::hec
