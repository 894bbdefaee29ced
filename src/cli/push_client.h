#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "cli/retrying_client.h"
#include "model/record_batch.h"

namespace livedata::cli {

/// Sends records to a livedata, and counts what became of them. Sending a batch again is harmless:
/// the server keeps one of two records with the same stream, time and line. Not thread-safe.
class PushClient {
 public:
  explicit PushClient(RetryingClient client) : client_(std::move(client)) {}

  /// By Loki's API, so that any server that has it will do. Records that the server refuses are
  /// counted; an error means that it takes nothing.
  Result<void> push(const RecordBatch& batch);
  /// Lines that are JSON objects, as they are. `labels` is a query string of service= and
  /// label.NAME=.
  Result<void> push_ndjson(std::string_view labels, std::string_view lines);

  /// Counts records that could not even be sent.
  void refuse(std::string_view reason, std::string_view message, std::size_t count);

  struct Refusal {
    std::size_t count = 0;
    std::string message;  ///< of the first one
  };
  [[nodiscard]] std::size_t stored() const { return stored_; }
  [[nodiscard]] std::size_t refused() const;
  /// By reason.
  [[nodiscard]] const std::map<std::string, Refusal>& refusals() const { return refusals_; }

 private:
  Result<void> push_halves(const RecordBatch& batch);
  void count_refused(std::string_view answer, std::size_t num_sent);
  Result<void> count_json_answer(std::string_view answer);

  RetryingClient client_;
  std::size_t stored_ = 0;
  std::map<std::string, Refusal> refusals_;
};

/// Tells on standard error what was refused, and returns the exit code.
int report_refusals(std::string_view command, const PushClient& client);

}  // namespace livedata::cli
