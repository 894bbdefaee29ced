#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/decoded.h"

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
  };

  StreamSlot stream(std::vector<Label> labels);
  /// Whether the record was taken; if not, last_rejection() says why. `fields` gains
  /// detected_level where the sender gave none.
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
  Decoded take() { return std::move(decoded_); }

 private:
  bool check_labels(const std::vector<Label>& labels, StreamSlot& slot) const;
  bool check_record(TimestampNs timestamp, std::string_view line, const std::vector<Field>& fields);

  const DecodeContext& context_;
  Decoded decoded_;
  Refusal last_rejection_;
};

}  // namespace livedata::ingest
