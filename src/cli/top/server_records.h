#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/top/model.h"

namespace livedata::cli::top {

/// A record as a server answers it.
struct ServerRecord {
  TimestampNs time = 0;
  std::string line;
  std::vector<std::pair<std::string, std::string>> labels;  ///< of the stream
  std::vector<std::pair<std::string, std::string>> fields;

  /// "" where it is not there.
  [[nodiscard]] std::string_view label(std::string_view name) const;
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

struct Span {
  TimestampNs from = 0, to = 0;  ///< without `to`
};

/// Questions to a running livedata; each waits for its answer. Errors are for a person.
/// Thread-safe.
class ServerRecords {
 public:
  explicit ServerRecords(std::string address) : address_(std::move(address)) {}

  /// The newest records of a log query, at most `limit`; oldest first.
  [[nodiscard]] Result<std::vector<ServerRecord>> records(std::string_view query, Span span,
                                                          int limit) const;
  /// A metric query of one series, a point per minute.
  [[nodiscard]] Result<std::vector<HistoryPoint>> minutes(std::string_view query, Span span) const;
  /// Machines whose figures it has, or that it watches over SSH; in the order of their names.
  [[nodiscard]] Result<std::vector<HostChoice>> hosts(Span span) const;

 private:
  [[nodiscard]] Result<std::string> get(const std::string& target) const;

  std::string address_;
};

// Parts of it that need no server.
Result<std::vector<ServerRecord>> parse_records(std::string_view answer);
Result<std::vector<HistoryPoint>> parse_minutes(std::string_view answer);
Result<std::vector<std::string>> parse_values(std::string_view answer);
/// The answer of /api/v1/remotes: name and state.
Result<std::vector<HostChoice>> parse_remotes(std::string_view answer);

}  // namespace livedata::cli::top
