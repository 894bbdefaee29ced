#include "ingest/fluent/record.h"

#include <algorithm>
#include <array>

#include "ingest/fluent/event_time.h"
#include "ingest/fluent/value_text.h"
#include "model/service_name.h"

namespace livedata::ingest::fluent {
namespace {

using Type = MsgpackValue::Type;

// Deeper maps stay JSON text in one field.
constexpr int kMaxDepth = 8;

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
    add_member("", metadata, 0);
  }
  const auto at = read_event_time(time, intake_.now());
  if (!at) return fail(ErrorCode::kInvalidArgument, "an event's time is none");
  return is_whole_second(time) ? times_.take(*at) : *at;
}

void RecordReader::choose_line(std::string_view record, const std::vector<Member>& members) {
  for (const std::string_view wanted : kLineKeys) {
    for (const Member& member : members) {
      if (text_of(member.key) != wanted || !is_text(member.value)) continue;
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
  line_ = keep(std::move(json));
}

Result<void> RecordReader::read_record(std::string_view record) {
  MsgpackReader reader(record);
  LIVEDATA_TRY(const MsgpackValue map, reader.next());
  if (map.type != Type::kMap)
    return fail(ErrorCode::kInvalidArgument, "an event's record is no map");
  std::vector<Member> members;
  for (std::uint32_t i = 0; i < map.count; ++i) {
    LIVEDATA_TRY(const std::string_view key, reader.skip());
    LIVEDATA_TRY(const std::string_view value, reader.skip());
    members.push_back({key, value});
  }
  choose_line(record, members);
  for (const Member& member : members) {
    if (member.key.data() != line_key_.data()) add_member(key_text(member.key), member.value, 0);
  }
  return {};
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as kMaxDepth
void RecordReader::add_member(const std::string& path, std::string_view value, int depth) {
  MsgpackReader reader(value);
  const auto head = reader.next();
  if (!head || head->type == Type::kNil) return;
  if (head->type != Type::kMap || depth == kMaxDepth) {
    if (!head->is_text() || !add_label(path, head->bytes)) add_field(path, value);
    return;
  }
  for (std::uint32_t i = 0; i < head->count; ++i) {
    const auto key = reader.skip();
    const auto inner = reader.skip();
    if (!key || !inner) return;
    add_member(path.empty() ? key_text(*key) : fmt::format("{}.{}", path, key_text(*key)), *inner,
               depth + 1);
  }
}

bool RecordReader::add_label(std::string_view path, std::string_view value) {
  const auto* const known =
      std::find_if(kLabelPaths.begin(), kLabelPaths.end(),
                   [path](const LabelPath& candidate) { return candidate.path == path; });
  if (known == kLabelPaths.end()) return false;
  const auto has_name = [known](const Label& label) { return label.name == known->label; };
  if (std::any_of(labels_.begin(), labels_.end(), has_name)) return false;
  // Docker writes names of containers with a slash in front.
  if (known->label == "container_name" && value.starts_with('/')) value.remove_prefix(1);
  labels_.push_back({std::string(known->label), std::string(value)});
  return true;
}

void RecordReader::add_field(const std::string& path, std::string_view value) {
  const auto head = MsgpackReader(value).next();
  if (!head) return;
  const std::string_view name = keep(sanitized_label_name(path));
  switch (head->type) {
    case Type::kBool:
      fields_.push_back({name, head->boolean});
      break;
    case Type::kInt:
      fields_.push_back({name, head->integer});
      break;
    case Type::kUint:
      fields_.push_back({name, static_cast<double>(head->natural)});
      break;
    case Type::kDouble:
      fields_.push_back({name, head->number});
      break;
    case Type::kString:
    case Type::kBinary:
      fields_.push_back({name, head->bytes});
      break;
    default:
      fields_.push_back({name, keep(value_text(value))});
  }
}

void RecordReader::hand_over(TimestampNs time) {
  if (last_labels_.empty() || labels_ != last_labels_) {
    last_slot_ = intake_.stream(labels_);
    last_labels_ = labels_;
  }
  intake_.add(last_slot_, time, line_, fields_);
}

void RecordReader::add(std::string_view event) {
  labels_.clear();
  fields_.clear();
  kept_.clear();
  line_ = {};
  line_key_ = {};
  labels_.push_back({"tag", std::string(tag_)});
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
    hand_over(*time);
  } else {
    intake_.reject("invalid_record",
                   fmt::format("tag '{}': {}", tag_.substr(0, 64), time.error().message));
  }
}

}  // namespace livedata::ingest::fluent
