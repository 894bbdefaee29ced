#include "ingest/record_intake.h"

#include <algorithm>
#include <set>

#include "base/cut_text.h"
#include "base/time_format.h"
#include "ingest/label_guard.h"
#include "ingest/level/level_detection.h"
#include "ingest/piped_streams.h"
#include "ingest/pipeline/pipeline.h"
#include "model/service_name.h"

namespace livedata::ingest {
namespace {

constexpr std::string_view kFileNameLabel = "filename";

}  // namespace

bool RecordIntake::check_labels(const std::vector<Label>& labels, StreamSlot& slot) const {
  const Limits& limits = context_.limits;
  const auto refuse = [&slot](std::string_view reason, std::string message) {
    slot.reason = reason;
    slot.message = std::move(message);
    return false;
  };
  if (labels.empty()) return refuse("missing_labels", "a stream needs at least one label");
  if (labels.size() > limits.max_label_names) {
    return refuse("max_label_names_per_series",
                  fmt::format("the stream has {} labels, more than the limit of {}", labels.size(),
                              limits.max_label_names));
  }
  std::set<std::string_view> names;
  for (const Label& label : labels) {
    if (!is_label_name(label.name)) {
      return refuse("invalid_labels", fmt::format("label name '{}' is not [a-zA-Z_][a-zA-Z0-9_]*",
                                                  label.name.substr(0, 64)));
    }
    if (label.name.size() > limits.max_label_name_bytes) {
      return refuse("label_name_too_long",
                    fmt::format("label name '{}...' is longer than {} bytes",
                                label.name.substr(0, 64), limits.max_label_name_bytes));
    }
    if (label.value.size() > limits.max_label_value_bytes) {
      return refuse("label_value_too_long",
                    fmt::format("the value of label '{}' has {} bytes, more than the limit of {}",
                                label.name, label.value.size(), limits.max_label_value_bytes));
    }
    if (!names.insert(label.name).second) {
      return refuse("duplicate_label_names",
                    fmt::format("the stream has label '{}' twice", label.name));
    }
  }
  return true;
}

RecordIntake::RecordIntake(const DecodeContext& context) : context_(context) {
  decoded_.source = context.source;
}

RecordIntake::~RecordIntake() = default;

RecordIntake::StreamSlot RecordIntake::stream(std::vector<Label> labels, Lines lines,
                                              RepeatedTimes* repeats) {
  StreamSlot slot;
  slot.repeats = repeats;
  if (!check_labels(labels, slot)) return slot;
  Labels sorted(std::move(labels));
  const bool has_service_name = sorted.has(kServiceNameLabel);
  discover_service_name(sorted);
  if (context_.writable != nullptr && !matches_all(*context_.writable, sorted)) {
    slot.reason = "stream_not_allowed";
    slot.message = fmt::format("the sender may not write to the stream {}", sorted.to_string());
    return slot;
  }
  if (context_.pipelines != nullptr) {
    const pipeline::Pipeline* found =
        context_.pipelines->find(context_.source, sorted, sorted.get(kFileNameLabel));
    if (found != nullptr) {
      if (piped_ == nullptr) piped_ = std::make_unique<PipedStreams>(*this);
      slot.is_piped = true;
      slot.ordinal = piped_->add_stream(std::move(sorted), has_service_name, *found,
                                        lines == Lines::kMayBeJoined, repeats);
      return slot;
    }
  }
  slot.level = level_of(sorted);
  slot.labels_as_fields = open_stream(std::move(sorted), slot.ordinal);
  return slot;
}

std::vector<Label> RecordIntake::open_stream(Labels labels, std::uint32_t& ordinal) {
  StreamRef stream = std::make_shared<const Stream>(std::move(labels));
  std::vector<Label> as_fields;
  if (context_.label_guard != nullptr)
    as_fields = context_.label_guard->take_away(stream, context_.source, context_.now);
  ordinal = decoded_.batch.add_stream(std::move(stream));
  return as_fields;
}

bool RecordIntake::is_to_be_cut(std::string_view line) const {
  const Limits& limits = context_.limits;
  return limits.line_too_long == LineTooLong::kTruncate && line.size() > limits.max_line_bytes;
}

void RecordIntake::note_cut(std::size_t line_bytes, std::vector<Field>& fields) {
  ++decoded_.num_truncated;
  fields.push_back({kTruncatedField, static_cast<std::int64_t>(line_bytes)});
}

bool RecordIntake::check_record(TimestampNs timestamp, std::string_view line,
                                const std::vector<Field>& fields) {
  const Limits& limits = context_.limits;
  if (decoded_.batch.num_rows() >= limits.max_records) {
    reject("too_many_records", "the request has too many records; send smaller batches");
    return false;
  }
  if (line.size() > limits.max_line_bytes) {
    reject("line_too_long", fmt::format("a line of {} bytes is longer than the limit of {}",
                                        line.size(), limits.max_line_bytes));
    return false;
  }
  if (timestamp > context_.now + limits.max_future.count()) {
    reject("too_far_in_future",
           fmt::format("the timestamp {} is more than {} ahead of the server's clock",
                       format_rfc3339(timestamp), format_duration(limits.max_future.count())));
    return false;
  }
  if (limits.max_age.count() > 0 && timestamp < context_.now - limits.max_age.count()) {
    reject("greater_than_max_sample_age",
           fmt::format("the timestamp {} is older than {}", format_rfc3339(timestamp),
                       format_duration(limits.max_age.count())));
    return false;
  }
  if (fields.size() > limits.max_fields) {
    reject("structured_metadata_too_many",
           fmt::format("a record has {} fields, more than the limit of {}", fields.size(),
                       limits.max_fields));
    return false;
  }
  std::size_t bytes = 0;
  for (const Field& field : fields) {
    const auto* text = std::get_if<std::string_view>(&field.value);
    bytes += field.name.size() + (text == nullptr ? sizeof(std::int64_t) : text->size());
  }
  if (bytes > limits.max_fields_bytes) {
    reject("structured_metadata_too_large",
           fmt::format("a record has {} bytes of fields, more than the limit of {}", bytes,
                       limits.max_fields_bytes));
    return false;
  }
  return true;
}

/// A field whose name is no label's could not be asked for.
void RecordIntake::make_names_labels(std::vector<Field>& fields) {
  for (Field& field : fields) {
    if (is_label_name(field.name)) continue;
    const auto [name, is_new] = label_names_.try_emplace(std::string(field.name));
    if (is_new) name->second = sanitized_label_name(field.name);
    field.name = name->second;
  }
}

const pipeline::MultiLineRules* RecordIntake::multi_line_of(const StreamSlot& stream) const {
  return stream.is_piped ? piped_->multi_line_of(stream.ordinal) : nullptr;
}

bool RecordIntake::add(const StreamSlot& stream, TimestampNs timestamp, std::string_view line,
                       std::vector<Field>& fields) {
  if (!stream.reason.empty()) {
    reject(stream.reason, stream.message);
    return false;
  }
  if (!stream.is_piped) {
    return add_to_stream({stream.ordinal, stream.level, stream.labels_as_fields, stream.repeats},
                         timestamp, line, fields);
  }
  // What the pipeline drops is taken as far as the sender is concerned.
  piped_->add(stream.ordinal, timestamp, line, fields);
  return true;
}

bool RecordIntake::add_to_stream(const Target& target, TimestampNs timestamp, std::string_view line,
                                 std::vector<Field>& fields) {
  const std::size_t line_bytes = line.size();
  if (is_to_be_cut(line)) line = cut_text(line, context_.limits.max_line_bytes);
  if (!check_record(timestamp, line, fields)) return false;
  if (line.size() != line_bytes) note_cut(line_bytes, fields);
  make_names_labels(fields);
  for (const Label& label : target.labels_as_fields)
    fields.push_back({label.name, std::string_view(label.value)});
  decoded_.num_labels_as_fields += target.labels_as_fields.size();
  const auto is_detected = [](const Field& field) { return field.name == kDetectedLevelField; };
  if (std::none_of(fields.begin(), fields.end(), is_detected)) {
    std::string_view level = level_of(fields);
    if (level.empty()) level = target.level;
    if (level.empty()) level = detect_level(line);
    fields.push_back({kDetectedLevelField, level});
  }
  if (target.repeats != nullptr) timestamp = target.repeats->next(timestamp);
  decoded_.batch.add(target.ordinal, timestamp, line, fields);
  return true;
}

void RecordIntake::reject(std::string_view reason, std::string_view message) {
  last_rejection_.reason = reason;
  last_rejection_.message = message;
  for (Rejection& rejection : decoded_.rejected) {
    if (rejection.reason != reason) continue;
    ++rejection.count;
    return;
  }
  decoded_.rejected.push_back({std::string(reason), std::string(message), 1});
}

Decoded RecordIntake::take() {
  if (piped_ != nullptr) piped_->flush();
  return std::move(decoded_);
}

}  // namespace livedata::ingest
