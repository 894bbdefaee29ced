#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/push_client.h"
#include "ingest/line_clock.h"
#include "model/labels.h"

namespace livedata::cli {

/// Turns the lines of one text into records and sends them in batches. Lines that are JSON objects
/// go as they are, for the server to read their members; others get the time that they state. Not
/// thread-safe.
class TextPush {
 public:
  struct Options {
    std::vector<Label> labels;
    /// Time of lines before the first that states one; without it they are of their arrival.
    std::optional<TimestampNs> start;
    /// The longest that a line waits for others to be sent with; 0: until a batch is full.
    std::chrono::nanoseconds max_wait{0};
  };
  TextPush(Options options, const Clock& clock, PushClient& client);

  Result<void> add(std::string_view line);
  /// Sends what has not been sent.
  Result<void> flush();

 private:
  enum class Kind { kUnknown, kText, kJson };

  Options options_;
  const Clock& clock_;
  PushClient& client_;
  ingest::LineClock times_;
  Kind kind_ = Kind::kUnknown;
  std::string query_;  // the labels, for JSON
  StreamRef stream_;
  std::string json_;
  RecordBatch batch_;
  std::size_t bytes_ = 0;  // that wait
  std::chrono::steady_clock::time_point waiting_since_{};
};

}  // namespace livedata::cli
