#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/decoded.h"
#include "ingest/repeated_times.h"

namespace livedata::ingest {

/// Where every door hands in its records: checks them against the limits, finds the stream's
/// service name and each record's level, and sorts good ones from rejected ones. One per request;
/// not thread-safe.
class RecordIntake {
 public:
  explicit RecordIntake(const DecodeContext& context) : context_(context) {}

  /// A stream to add records to. Its labels may be wrong: then its records are rejected one by one.
  struct StreamSlot {
    std::uint32_t ordinal = 0;
    std::string_view level;
    std::string reason;  // not empty: why records of this stream are rejected
    std::string message;
    /// Not null: the source repeats itself on purpose, so that records of the same time get times
    /// that differ. The owner keeps it from request to request.
    RepeatedTimes* keeps_repeats = nullptr;
  };

  StreamSlot stream(std::vector<Label> labels);
  /// `fields` gains detected_level where the sender gave none, and names that LogQL can ask for.
  void add(const StreamSlot& stream, TimestampNs timestamp, std::string_view line,
           std::vector<Field>& fields);
  /// Counts a record that could not even be decoded.
  void reject(std::string_view reason, std::string_view message);

  [[nodiscard]] TimestampNs now() const { return context_.now; }
  Decoded take() { return std::move(decoded_); }

 private:
  bool check_labels(const std::vector<Label>& labels, StreamSlot& slot) const;
  void make_names_labels(std::vector<Field>& fields);
  bool check_record(TimestampNs timestamp, std::string_view line, const std::vector<Field>& fields);

  const DecodeContext& context_;
  Decoded decoded_;
  std::unordered_map<std::string, std::string> label_names_;  // of fields' names that are none
};

}  // namespace livedata::ingest
