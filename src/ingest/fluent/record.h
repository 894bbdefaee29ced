#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/fluent/msgpack.h"
#include "ingest/fluent/whole_seconds.h"
#include "ingest/record_intake.h"
#include "ingest/stream_cache.h"
#include "ingest/values/field_list.h"

namespace livedata::ingest::fluent {

/// Turns the events of one tag into records. The stream is the tag and what is known to name a
/// source (host, service, container, Kubernetes' namespace, pod, container, node, app); the line is
/// `log`, `message` or `msg`, else the event as JSON; everything else becomes typed fields, names
/// of nested ones joined by '_'. Not thread-safe.
class RecordReader {
 public:
  RecordReader(std::string_view tag, MessageTimes& times, RecordIntake& intake)
      : tag_(tag), times_(times), intake_(intake), streams_(intake), fields_(intake.limits()) {}

  /// `event` is a whole MessagePack value, [time, record] or [[time, metadata], record] (what
  /// Fluent Bit has beside the record); others are rejected.
  void add(std::string_view event);

 private:
  struct Member {
    std::string_view key;  // whole values
    std::string_view value;
    std::string_view name;  // of the key if it is text
  };

  Result<TimestampNs> read_head(std::string_view head);
  Result<void> read_record(std::string_view record);
  void choose_line(std::string_view record);
  void add_member(std::string_view name, std::string_view value);
  bool add_leaf(std::string_view path, std::string_view value);
  bool add_label(std::string_view path, std::string_view value);

  const std::string_view tag_;
  MessageTimes& times_;
  RecordIntake& intake_;
  StreamCache streams_;
  std::vector<Member> members_;
  std::vector<StreamCache::LabelView> labels_;
  FieldList fields_;
  std::string path_;  // of the value being added, with '.' between its parts
  std::string_view line_;
  std::string_view line_key_;
};

}  // namespace livedata::ingest::fluent
