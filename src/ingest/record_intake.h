#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/decoded.h"
#include "ingest/repeated_times.h"

namespace livedata::ingest {

class PipedStreams;

/// The field with the number of bytes that a line had before it was cut.
constexpr std::string_view kTruncatedField = "truncated_line_bytes";

/// Where every door hands in its records: sends them through the pipeline that is configured for
/// them, checks them against the limits, finds the stream's service name and each record's level,
/// and sorts good ones from rejected ones. One per request; not thread-safe.
class RecordIntake {
 public:
  explicit RecordIntake(const DecodeContext& context);
  ~RecordIntake();
  RecordIntake(const RecordIntake&) = delete;
  RecordIntake& operator=(const RecordIntake&) = delete;

  /// A stream to add records to. Its labels may be wrong: then its records are rejected one by one.
  struct StreamSlot {
    std::uint32_t ordinal = 0;  // in the batch; of a piped one among the piped ones
    bool is_piped = false;
    std::string_view level;
    std::string reason;  // not empty: why records of this stream are rejected
    std::string message;
    RepeatedTimes* repeats = nullptr;          // see stream()
    std::vector<Label> labels_as_fields = {};  // that may not be labels
  };

  /// Whether the pipeline may join lines of the stream into one record.
  enum class Lines { kMayBeJoined, kAreWhole };

  /// `repeats` is not null for a source that repeats itself on purpose: its records of the same
  /// time get times that differ. The owner keeps it from request to request.
  StreamSlot stream(std::vector<Label> labels, Lines lines = Lines::kMayBeJoined,
                    RepeatedTimes* repeats = nullptr);
  /// How lines of the stream are joined; null: they are not.
  [[nodiscard]] const pipeline::MultiLineRules* multi_line_of(const StreamSlot& stream) const;
  /// Whether the record was taken; if not, last_rejection() says why. `fields` gains detected_level
  /// where the sender gave none, and what a pipeline makes of the record; names become such as
  /// LogQL can ask for. What is new there is valid until the next call.
  bool add(const StreamSlot& stream, TimestampNs timestamp, std::string_view line,
           std::vector<Field>& fields);
  /// Counts a record that could not even be decoded.
  void reject(std::string_view reason, std::string_view message);

  struct Refusal {
    std::string reason;
    std::string message;
  };
  /// Of the record that was rejected last, for doors that answer for each one.
  [[nodiscard]] const Refusal& last_rejection() const { return last_rejection_; }

  [[nodiscard]] TimestampNs now() const { return context_.now; }
  [[nodiscard]] const Limits& limits() const { return context_.limits; }
  Decoded take();

 private:
  friend class PipedStreams;

  bool check_labels(const std::vector<Label>& labels, StreamSlot& slot) const;
  void make_names_labels(std::vector<Field>& fields);
  bool check_record(TimestampNs timestamp, std::string_view line, const std::vector<Field>& fields);
  /// Adds a stream to the batch, and returns those of its labels that become fields.
  std::vector<Label> open_stream(Labels labels, std::uint32_t& ordinal);
  /// Whether the line is to be cut before it is checked.
  [[nodiscard]] bool is_to_be_cut(std::string_view line) const;
  void note_cut(std::size_t line_bytes, std::vector<Field>& fields);
  struct Target {
    std::uint32_t ordinal = 0;  // in the batch
    std::string_view level;
    const std::vector<Label>& labels_as_fields;
    RepeatedTimes* repeats = nullptr;
  };
  /// The rest of the way, behind the pipeline or without one.
  bool add_to_stream(const Target& target, TimestampNs timestamp, std::string_view line,
                     std::vector<Field>& fields);

  const DecodeContext& context_;
  Decoded decoded_;
  std::unordered_map<std::string, std::string> label_names_;  // of fields' names that are none
  std::unique_ptr<PipedStreams> piped_;                       // null until a stream has a pipeline
  Refusal last_rejection_;
};

}  // namespace livedata::ingest
