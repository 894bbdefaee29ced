#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ingest/record_intake.h"
#include "ingest/syslog/format/message.h"
#include "ingest/syslog/format/structured_fields.h"

namespace livedata::ingest::syslog {

/// Turns runs of messages into records.
///
/// Labels: host (lower case, without a dot at the end; the sender's address where the message names
/// none), app, severity, facility. Fields: proc_id, msg_id, structured data as ID_NAME, sequence,
/// hostname_raw where the host was changed, timestamp_raw where the time was not taken because the
/// limits forbid it. No message is rejected: what does not fit the limits is cut or stays in the
/// line.
///
/// Messages of a stream with equal times get nanoseconds of their own, up to what the time's last
/// digit stands for: so they keep their order, and equal lines are not taken for one.
///
/// Not thread-safe; one per connection, or one for all datagrams.
class Decoder {
 public:
  /// Streams that are remembered from run to run.
  static constexpr std::size_t kStreamsOfConnection = 512;
  /// `pipelines`: what messages go through; null: nothing. `label_guard`: null: labels may have any
  /// values.
  Decoder(const Limits& limits, std::size_t max_streams,
          const pipeline::Pipelines* pipelines = nullptr, LabelGuard* label_guard = nullptr);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Begins a run of messages that have arrived now.
  void start(TimestampNs now);
  /// Adds one message; `peer` is its sender's address. Between start() and take().
  void add(std::string_view message, std::string_view peer);
  /// The records of the run.
  Decoded take();

  /// Messages since the last call, by format.
  std::array<std::uint64_t, kNumFormats> take_counts() { return std::exchange(counts_, {}); }
  /// Lines that were longer than the limit and were cut.
  [[nodiscard]] std::uint64_t num_cut() const { return num_cut_; }

 private:
  struct StreamState {
    RecordIntake::StreamSlot slot;
    std::uint64_t run = 0;          // of the slot
    bool host_changed = false;      // the label differs from what was sent
    TimestampNs last_time = 0;      // as the sender gave it
    std::int64_t repetitions = -1;  // of last_time, before the last record
  };
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };

  struct Run {
    explicit Run(const DecodeContext& decode) : context(decode), intake(context) {}
    DecodeContext context;
    RecordIntake intake;
  };

  StreamState& stream_of(const Message& message, std::string_view peer);
  void open_stream(const Message& message, std::string_view peer, StreamState& state);
  void add_fields(const Message& message, const StreamState& state);
  TimestampNs time_of(const Message& message, StreamState& state);

  const Limits& limits_;
  const std::size_t max_streams_;
  const pipeline::Pipelines* const pipelines_;
  LabelGuard* const label_guard_;
  std::unique_ptr<Run> run_;
  std::uint64_t run_number_ = 0;
  Arrival arrival_;
  std::unordered_map<std::string, StreamState, KeyHash, std::equal_to<>> streams_;
  StreamState* last_ = nullptr;  // the one of last_key_
  std::string last_key_;
  std::string key_;
  std::vector<Field> fields_;
  StructuredFields structured_;
  std::array<std::uint64_t, kNumFormats> counts_{};
  std::uint64_t num_cut_ = 0;
};

}  // namespace livedata::ingest::syslog
