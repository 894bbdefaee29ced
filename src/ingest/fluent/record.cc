#include "ingest/fluent/record.h"

#include <algorithm>
#include <array>

#include "ingest/fluent/event_time.h"
#include "ingest/fluent/value_text.h"
#include "ingest/values/field_name.h"
#include "ingest/values/flatten.h"
#include "model/service_name.h"

namespace livedata::ingest::fluent {
namespace {

using Type = MsgpackValue::Type;

struct LabelPath {
  std::string_view path;
  std::string_view label;
};
// Where senders say what a record comes from: Fluentd's and Fluent Bit's host inputs, Docker's
// fluentd driver, and the kubernetes filters, whose maps some flatten with dots.
constexpr std::array kLabelPaths = {
    LabelPath{"host", "host"},
    LabelPath{"hostname", "host"},
    LabelPath{"service", kServiceNameLabel},
    LabelPath{"service_name", kServiceNameLabel},
    LabelPath{"container_name", "container_name"},
    LabelPath{"kubernetes.namespace_name", "namespace"},
    LabelPath{"kubernetes.pod_name", "pod"},
    LabelPath{"kubernetes.container_name", "container"},
    LabelPath{"kubernetes.host", "node"},
    LabelPath{"kubernetes.labels.app", "app"},
    LabelPath{"kubernetes.labels.app.kubernetes.io/name", "app"},
};
// The first of them that a record has is its line.
constexpr std::array<std::string_view, 3> kLineKeys = {"log", "message", "msg"};

std::string_view text_of(std::string_view value) {
  const auto head = MsgpackReader(value).next();
  return head && head->is_text() ? head->bytes : std::string_view();
}

bool is_text(std::string_view value) {
  const auto head = MsgpackReader(value).next();
  return head && head->is_text();
}

/// Whole MessagePack values for for_each_leaf().
struct MsgpackTree {
  static bool is_object(std::string_view value) {
    const auto head = MsgpackReader(value).next();
    return head && head->type == Type::kMap;
  }
  template <class Visit>
  static bool for_each_member(std::string_view map, const Visit& visit) {
    MsgpackReader reader(map);
    const auto head = reader.next();
    for (std::uint32_t i = 0; head && i < head->count; ++i) {
      const auto key = reader.skip();
      const auto value = reader.skip();
      if (!key || !value) return true;  // no whole value
      const std::string_view name = text_of(*key);
      if (!(name.empty() ? visit(key_text(*key), *value) : visit(name, *value))) return false;
    }
    return true;
  }
};

/// What a field holds of a value that is not nil.
FieldValue field_value(const MsgpackValue& head, std::string_view value, TextArena& arena) {
  switch (head.type) {
    case Type::kBool:
      return head.boolean;
    case Type::kInt:
      return head.integer;
    case Type::kUint:
      return static_cast<double>(head.natural);
    case Type::kDouble:
      return head.number;
    case Type::kString:
    case Type::kBinary:
      return head.bytes;
    default:
      return arena.keep(value_text(value));
  }
}

}  // namespace

Result<TimestampNs> RecordReader::read_head(std::string_view head) {
  MsgpackReader reader(head);
  LIVEDATA_TRY(MsgpackValue time, reader.next());
  if (time.type == Type::kArray) {
    if (time.count != 2)
      return fail(ErrorCode::kInvalidArgument, "an event's head is not [time, metadata]");
    LIVEDATA_TRY(time, reader.next());
    LIVEDATA_TRY(const std::string_view metadata, reader.skip());
    LIVEDATA_TRY(const MsgpackValue metadata_head, MsgpackReader(metadata).next());
    if (metadata_head.type != Type::kMap)
      return fail(ErrorCode::kInvalidArgument, "an event's metadata is no map");
    MsgpackTree::for_each_member(metadata, [this](std::string_view name, std::string_view value) {
      add_member(name, value);
      return true;
    });
  }
  const auto at = read_event_time(time, intake_.now());
  if (!at) return fail(ErrorCode::kInvalidArgument, "an event's time is none");
  return is_whole_second(time) ? times_.take(*at) : *at;
}

void RecordReader::choose_line(std::string_view record) {
  for (const std::string_view wanted : kLineKeys) {
    for (const Member& member : members_) {
      if (member.name != wanted || !is_text(member.value)) continue;
      line_ = text_of(member.value);
      line_key_ = member.key;
      // Docker's driver and some inputs keep the line's end.
      if (line_.ends_with('\n')) line_.remove_suffix(1);
      return;
    }
  }
  std::string json;
  MsgpackReader reader(record);
  append_json(reader, json);
  line_ = fields_.arena().keep(json);
}

Result<void> RecordReader::read_record(std::string_view record) {
  MsgpackReader reader(record);
  LIVEDATA_TRY(const MsgpackValue map, reader.next());
  if (map.type != Type::kMap)
    return fail(ErrorCode::kInvalidArgument, "an event's record is no map");
  members_.clear();
  for (std::uint32_t i = 0; i < map.count; ++i) {
    LIVEDATA_TRY(const std::string_view key, reader.skip());
    LIVEDATA_TRY(const std::string_view value, reader.skip());
    members_.push_back({key, value, text_of(key)});
  }
  choose_line(record);
  for (const Member& member : members_) {
    if (member.key.data() == line_key_.data()) continue;
    if (member.name.empty()) {
      add_member(key_text(member.key), member.value);
    } else {
      add_member(member.name, member.value);
    }
  }
  return {};
}

void RecordReader::add_member(std::string_view name, std::string_view value) {
  path_ = name;
  for_each_leaf<MsgpackTree>(
      value, path_, '.', kMaxFlatDepth,
      [this](std::string_view path, std::string_view leaf) { return add_leaf(path, leaf); });
}

bool RecordReader::add_leaf(std::string_view path, std::string_view value) {
  const auto head = MsgpackReader(value).next();
  if (!head || head->type == Type::kNil) return true;
  if (head->is_text() && add_label(path, head->bytes)) return true;
  TextArena& arena = fields_.arena();
  fields_.add(kept_field_name(path, arena, kAnyNameBytes), field_value(*head, value, arena));
  return !fields_.is_over();
}

bool RecordReader::add_label(std::string_view path, std::string_view value) {
  const auto* const known =
      std::find_if(kLabelPaths.begin(), kLabelPaths.end(),
                   [path](const LabelPath& candidate) { return candidate.path == path; });
  if (known == kLabelPaths.end()) return false;
  const auto has_name = [known](const auto& label) { return label.name == known->label; };
  if (std::any_of(labels_.begin(), labels_.end(), has_name)) return false;
  // Docker writes names of containers with a slash in front.
  if (known->label == "container_name" && value.starts_with('/')) value.remove_prefix(1);
  labels_.push_back({known->label, value});
  return true;
}

void RecordReader::add(std::string_view event) {
  labels_.clear();
  fields_.clear();
  line_ = {};
  line_key_ = {};
  labels_.push_back({"tag", tag_});
  const auto read = [&]() -> Result<TimestampNs> {
    MsgpackReader reader(event);
    LIVEDATA_TRY(const MsgpackValue pair, reader.next());
    if (pair.type != Type::kArray || pair.count != 2)
      return fail(ErrorCode::kInvalidArgument, "an event is not [time, record]");
    LIVEDATA_TRY(const std::string_view head, reader.skip());
    LIVEDATA_TRY(const std::string_view record, reader.skip());
    LIVEDATA_RETURN_IF_ERROR(read_record(record));
    return read_head(head);
  };
  if (const auto time = read()) {
    intake_.add(streams_.find(labels_), *time, line_, fields_.fields());
  } else {
    intake_.reject("invalid_record",
                   fmt::format("tag '{}': {}", tag_.substr(0, 64), time.error().message));
  }
}

}  // namespace livedata::ingest::fluent
