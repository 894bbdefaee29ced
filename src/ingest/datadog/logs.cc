#include "ingest/datadog/logs.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "ingest/json_time.h"
#include "ingest/record_intake.h"
#include "ingest/stream_cache.h"
#include "ingest/text_lines.h"
#include "ingest/values/json.h"
#include "ingest/values/json_fields.h"
#include "model/service_name.h"

namespace livedata::ingest::datadog {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

struct TagLabel {
  std::string_view tag;
  std::string_view label;
};

// Datadog's unified service tags, and those by which its agent tells where a container runs.
constexpr std::array kTagLabels = {
    TagLabel{"env", "env"},
    TagLabel{"service", kServiceNameLabel},
    TagLabel{"version", "version"},
    TagLabel{"host", "host"},
    TagLabel{"source", "source"},
    TagLabel{"kube_cluster_name", "cluster"},
    TagLabel{"cluster_name", "cluster"},
    TagLabel{"kube_namespace", "namespace"},
    TagLabel{"pod_name", "pod"},
    TagLabel{"kube_container_name", "container"},
    TagLabel{"container_name", "container"},
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// The logs of one request on their way to the intake.
class Reader {
 public:
  Reader(const Metadata& defaults, const DecodeContext& context)
      : defaults_(defaults),
        limits_(context.limits),
        intake_(context),
        streams_(intake_),
        fields_(context.limits),
        next_arrival_(context.now) {}

  void read(yyjson_val* log) {
    if (yyjson_is_str(log)) return read_line(json_string(log));
    if (!yyjson_is_obj(log)) return intake_.reject("invalid_record", "a log must be an object");
    if (yyjson_obj_size(log) == 0) return;
    begin();
    has_level_ = yyjson_obj_get(log, "level") != nullptr;
    yyjson_obj_iter it = yyjson_obj_iter_with(log);
    while (yyjson_val* key = yyjson_obj_iter_next(&it))
      read_member(json_string(key), yyjson_obj_iter_get_val(key));
    add(line_, log);
  }

  void read_line(std::string_view line) {
    if (is_blank(line)) return;
    begin();
    add(line, nullptr);
  }

  Decoded take() { return intake_.take(); }

 private:
  struct Tag {
    std::string_view name;
    std::string_view value;
  };

  void begin() {
    fields_.clear();
    labels_.clear();
    tags_.clear();
    line_.reset();
    time_.reset();
  }

  void read_member(std::string_view name, yyjson_val* value) {
    const std::string_view text = json_string(value);
    if (name == "message" && !yyjson_is_null(value)) {
      line_ = yyjson_is_str(value) ? text : fields_.keep(json_text(value));
    } else if (name == "ddtags" && yyjson_is_str(value)) {
      read_tags(text);
    } else if (name == "ddtags" && yyjson_is_arr(value)) {
      yyjson_arr_iter it = yyjson_arr_iter_with(value);
      while (yyjson_val* tag = yyjson_arr_iter_next(&it)) read_tags(json_string(tag));
    } else if (name == "ddsource" && !text.empty()) {
      set_label("source", text);
    } else if (name == "hostname" && !text.empty()) {
      set_label("host", text);
    } else if (name == "service" && !text.empty()) {
      set_label(kServiceNameLabel, text);
    } else if (name == "status" && !text.empty() && !has_level_) {
      fields_.add(Field{"level", text});
    } else if (!((name == "timestamp" || name == "date") && read_time(value))) {
      fields_.add(name, value);
    }
  }

  bool read_time(yyjson_val* value) {
    if (time_) return false;
    if (const auto time = time_of_json(value)) time_ = *time;
    return time_.has_value();
  }

  /// "env:prod,team:x"
  void read_tags(std::string_view tags) {
    // A record with more is rejected anyway.
    while (!tags.empty() && tags_.size() <= limits_.max_fields) {
      const std::string_view tag = trimmed(tags.substr(0, tags.find(',')));
      tags.remove_prefix(std::min(tags.find(','), tags.size() - 1) + 1);
      const std::size_t colon = std::min(tag.find(':'), tag.size());
      const std::string_view name = tag.substr(0, colon);
      if (!name.empty()) tags_.push_back({name, tag.substr(std::min(colon + 1, tag.size()))});
    }
  }

  /// What the log says itself comes before what its tags say, and that before the request.
  /// `log` is null for a line of text.
  void add(std::optional<std::string_view> line, yyjson_val* log) {
    const std::size_t own_tags = tags_.size();
    read_tags(defaults_.tags);
    for (std::size_t i = 0; i < tags_.size(); ++i) {
      if (i == own_tags) add_defaults();
      take_label(tags_[i]);
    }
    if (own_tags == tags_.size()) add_defaults();
    for (std::size_t i = 0; i < tags_.size(); ++i) add_tag_field(i);
    const TimestampNs time = time_ ? *time_ : next_arrival_++;
    std::vector<Field>& fields = fields_.flatten();
    if (log != nullptr && !fields_.fit()) {
      line.reset();
      fields.clear();
    }
    if (!line) line = fields_.keep(json_text(log));
    intake_.add(streams_.find(labels_), time, *line, fields);
  }

  void add_defaults() {
    if (!defaults_.service.empty()) set_label(kServiceNameLabel, defaults_.service);
    if (!defaults_.source.empty()) set_label("source", defaults_.source);
    if (!defaults_.host.empty()) set_label("host", defaults_.host);
  }

  /// The first one stays. Whether it was this one.
  bool set_label(std::string_view name, std::string_view value) {
    const auto same = [&](const StreamCache::LabelView& label) { return label.name == name; };
    if (std::any_of(labels_.begin(), labels_.end(), same)) return false;
    labels_.push_back({name, value});
    return true;
  }

  /// A tag that became a label loses its name, and so is no field.
  void take_label(Tag& tag) {
    const auto* const found =
        std::find_if(kTagLabels.begin(), kTagLabels.end(),
                     [&](const TagLabel& candidate) { return candidate.tag == tag.name; });
    if (found == kTagLabels.end() || tag.value.empty()) return;
    if (set_label(found->label, tag.value)) tag.name = {};
  }

  /// The values of a tag that is there several times are one field.
  void add_tag_field(std::size_t first) {
    const std::string_view name = tags_[first].name;
    if (name.empty()) return;
    std::string values(tags_[first].value);
    for (std::size_t i = first + 1; i < tags_.size(); ++i) {
      if (tags_[i].name != name) continue;
      if (tags_[i].value != tags_[first].value) values.append(",").append(tags_[i].value);
      tags_[i].name = {};
    }
    const std::string_view field = fields_.keep(sanitized_label_name(name));
    // "canary" alone: it is there.
    fields_.add(values.empty() ? Field{field, true} : Field{field, fields_.keep(values)});
  }

  const Metadata defaults_;
  const Limits& limits_;
  RecordIntake intake_;
  StreamCache streams_;
  JsonFields fields_;
  TimestampNs next_arrival_;
  // Of the log being read.
  std::vector<StreamCache::LabelView> labels_;
  std::vector<Tag> tags_;
  std::optional<std::string_view> line_;
  std::optional<TimestampNs> time_;
  bool has_level_ = false;
};

}  // namespace

Result<Decoded> decode_json(std::string_view body, const Metadata& defaults,
                            const DecodeContext& context) {
  LIVEDATA_TRY(const JsonDocument document, parse_json(body));
  yyjson_val* root = yyjson_doc_get_root(document.get());
  Reader reader(defaults, context);
  if (!yyjson_is_arr(root)) {
    reader.read(root);
    return reader.take();
  }
  yyjson_arr_iter it = yyjson_arr_iter_with(root);
  while (yyjson_val* log = yyjson_arr_iter_next(&it)) reader.read(log);
  return reader.take();
}

Decoded decode_text(std::string_view body, const Metadata& metadata, const DecodeContext& context) {
  Reader reader(metadata, context);
  for_each_line(body, [&](std::string_view line) { reader.read_line(line); });
  return reader.take();
}

}  // namespace livedata::ingest::datadog
