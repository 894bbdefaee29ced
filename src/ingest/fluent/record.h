#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/fluent/msgpack.h"
#include "ingest/fluent/whole_seconds.h"
#include "ingest/record_intake.h"
#include "ingest/values/field_list.h"

namespace livedata::ingest::fluent {

/// Turns the events of one tag into records. The stream is the tag and what is known to name a
/// source (host, service, container, Kubernetes' namespace, pod, container, node, app); the line is
/// `log`, `message` or `msg`, else the event as JSON; everything else becomes typed fields, names
/// of nested ones joined by '_'. Not thread-safe.
class RecordReader {
 public:
  RecordReader(std::string_view tag, MessageTimes& times, RecordIntake& intake)
      : tag_(tag), times_(times), intake_(intake), fields_(intake.limits()) {}

  /// `event` is a whole MessagePack value, [time, record] or [[time, metadata], record] (what
  /// Fluent Bit has beside the record); others are rejected.
  void add(std::string_view event);

 private:
  struct Member {
    std::string_view key;  // whole values
    std::string_view value;
  };

  Result<TimestampNs> read_head(std::string_view head);
  Result<void> read_record(std::string_view record);
  void choose_line(std::string_view record, const std::vector<Member>& members);
  void add_member(std::string_view name, std::string_view value);
  bool add_leaf(std::string_view path, std::string_view value);
  bool add_label(std::string_view path, std::string_view value);
  void hand_over(TimestampNs time);

  const std::string_view tag_;
  MessageTimes& times_;
  RecordIntake& intake_;
  std::vector<Label> labels_;
  FieldList fields_;
  std::string path_;  // of the value being added, with '.' between its parts
  std::string_view line_;
  std::string_view line_key_;
  std::vector<Label> last_labels_;  // events of one source follow each other
  RecordIntake::StreamSlot last_slot_;
};

}  // namespace livedata::ingest::fluent
