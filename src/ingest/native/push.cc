#include "ingest/native/push.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "base/time_format.h"
#include "ingest/json.h"
#include "ingest/record_intake.h"
#include "model/service_name.h"

namespace livedata::ingest::native {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

// Deeper objects stay JSON text in one field.
constexpr int kMaxDepth = 8;

/// Numbers are seconds, milliseconds, microseconds or nanoseconds by their size; the borders lie in
/// the years 5138 (as seconds) and 1973 (as the next finer unit).
TimestampNs time_from_number(double number) {
  const double magnitude = std::abs(number);
  if (magnitude < 1e11) return static_cast<TimestampNs>(number * 1e9);
  if (magnitude < 1e14) return static_cast<TimestampNs>(number * 1e6);
  if (magnitude < 1e17) return static_cast<TimestampNs>(number * 1e3);
  return magnitude < 9.2e18 ? static_cast<TimestampNs>(number) : 0;
}

Result<TimestampNs> parse_time(yyjson_val* value) {
  if (yyjson_is_real(value)) return time_from_number(yyjson_get_real(value));
  if (yyjson_is_int(value)) {
    const std::int64_t integer = yyjson_get_sint(value);
    // Nanoseconds have more digits than a double keeps.
    return std::abs(static_cast<double>(integer)) >= 1e17
               ? integer
               : time_from_number(static_cast<double>(integer));
  }
  const std::string_view text = json_string(value);
  if (auto time = parse_rfc3339(text)) return *time;
  char* end = nullptr;
  const std::string copy(text);
  const double number = std::strtod(copy.c_str(), &end);
  if (!copy.empty() && end == copy.c_str() + copy.size() && std::isfinite(number)) {
    return number >= 1e17 ? static_cast<TimestampNs>(std::strtoll(copy.c_str(), nullptr, 10))
                          : time_from_number(number);
  }
  return fail(ErrorCode::kInvalidArgument,
              "'{}' is not a timestamp; use RFC 3339 or a number since 1970", text.substr(0, 64));
}

/// One JSON object on its way to a record.
class ObjectReader {
 public:
  ObjectReader(const Labels& labels, RecordIntake& intake)
      : labels_(labels.begin(), labels.end()), intake_(intake) {}

  Result<void> read(yyjson_val* object) {
    if (!yyjson_is_obj(object))
      return fail(ErrorCode::kInvalidArgument, "a record must be a JSON object");
    yyjson_obj_iter it = yyjson_obj_iter_with(object);
    while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
      LIVEDATA_RETURN_IF_ERROR(read_member(json_string(key), yyjson_obj_iter_get_val(key)));
    }
    if (!line_) line_ = keep(json_text(object));
    if (labels_.empty()) labels_.push_back({std::string(kServiceNameLabel), "unknown_service"});
    intake_.add(intake_.stream(std::move(labels_)), time_.value_or(intake_.now()), *line_, fields_);
    return {};
  }

 private:
  Result<void> read_member(std::string_view name, yyjson_val* value) {
    if (name == "timestamp" || name == "time" || name == "ts") {
      LIVEDATA_TRY(time_, parse_time(value));
    } else if ((name == "message" || name == "msg") && yyjson_is_str(value) && !line_) {
      line_ = json_string(value);
    } else if (name == "service" && yyjson_is_str(value)) {
      set_label(kServiceNameLabel, json_string(value));
    } else if (name == "labels" && yyjson_is_obj(value)) {
      yyjson_obj_iter it = yyjson_obj_iter_with(value);
      while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
        yyjson_val* label = yyjson_obj_iter_get_val(key);
        set_label(json_string(key),
                  yyjson_is_str(label) ? std::string(json_string(label)) : json_text(label));
      }
    } else {
      add_field(std::string(name), value, 0);
    }
    return {};
  }

  void set_label(std::string_view name, std::string_view value) {
    std::erase_if(labels_, [&](const Label& label) { return label.name == name; });
    labels_.push_back({std::string(name), std::string(value)});
  }

  void add_field(const std::string& name, yyjson_val* value, int depth) {
    if (yyjson_is_obj(value) && depth < kMaxDepth) {
      yyjson_obj_iter it = yyjson_obj_iter_with(value);
      while (yyjson_val* key = yyjson_obj_iter_next(&it)) {
        add_field(name + "_" + std::string(json_string(key)), yyjson_obj_iter_get_val(key),
                  depth + 1);
      }
      return;
    }
    if (yyjson_is_null(value)) return;
    const std::string_view field = keep(sanitized_label_name(name));
    if (yyjson_is_str(value)) {
      fields_.push_back({field, json_string(value)});
    } else if (yyjson_is_bool(value)) {
      fields_.push_back({field, yyjson_get_bool(value)});
    } else if (yyjson_is_real(value) ||
               (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX)) {
      fields_.push_back({field, yyjson_get_num(value)});
    } else if (yyjson_is_int(value)) {
      fields_.push_back({field, static_cast<std::int64_t>(yyjson_get_sint(value))});
    } else {
      fields_.push_back({field, keep(json_text(value))});
    }
  }

  /// Keeps text that the document does not hold, at an address that stays.
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  std::vector<Label> labels_;
  RecordIntake& intake_;
  std::deque<std::string> kept_;
  std::vector<Field> fields_;
  std::optional<std::string_view> line_;
  std::optional<TimestampNs> time_;
};

template <class Visit>
void for_each_line(std::string_view body, const Visit& visit) {
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    std::string_view line = body.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    visit(line);
    body.remove_prefix(std::min(end + 1, body.size()));
  }
}

Result<void> decode_json(std::string_view body, const Labels& labels, RecordIntake& intake) {
  LIVEDATA_TRY(const JsonDocument document, parse_json(body));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  if (!yyjson_is_arr(root)) return ObjectReader(labels, intake).read(root);
  std::size_t index = 0;
  yyjson_arr_iter it = yyjson_arr_iter_with(root);
  while (yyjson_val* object = yyjson_arr_iter_next(&it)) {
    if (auto read = ObjectReader(labels, intake).read(object); !read) {
      intake.reject("invalid_record", fmt::format("element {}: {}", index, read.error().message));
    }
    ++index;
  }
  return {};
}

void decode_ndjson(std::string_view body, const Labels& labels, RecordIntake& intake) {
  std::size_t number = 0;
  for_each_line(body, [&](std::string_view line) {
    ++number;
    if (line.find_first_not_of(" \t") == std::string_view::npos) return;
    auto document = parse_json(line);
    const Result<void> read =
        document ? ObjectReader(labels, intake).read(yyjson_doc_get_root(document->get()))
                 : fail(document.error());
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
  switch (format) {
    case Format::kJson:
      LIVEDATA_RETURN_IF_ERROR(decode_json(body, labels, intake));
      break;
    case Format::kNdjson:
      decode_ndjson(body, labels, intake);
      break;
    case Format::kText:
      decode_text(body, labels, intake);
      break;
  }
  return intake.take();
}

}  // namespace livedata::ingest::native
