#pragma once

#include <map>
#include <string>

#include "cli/top/figures.h"
#include "cli/top/server_records.h"

namespace livedata::cli::top {

/// A machine as the records of a server tell of it: another one, or this one at another time. Not
/// thread-safe.
class RecordedMachine {
 public:
  /// The server must outlive the object.
  RecordedMachine(const ServerRecords& server, std::string host);

  /// As of a time. If that goes on from the last call, only what is new is asked for.
  Result<Snapshot> sample(TimestampNs moment);

 private:
  struct Seen {
    TimestampNs time = 0;  ///< of the record
    ProcessFigures figures;
  };
  using ProcessId = std::pair<std::int64_t, TimestampNs>;  // number, time of start

  Result<void> take_processes(TimestampNs moment, Snapshot& snapshot);
  Result<void> take_system(TimestampNs moment, HostFigures& host);
  [[nodiscard]] std::string selector(std::string_view sources) const;

  const ServerRecords& server_;
  std::string host_;
  std::map<ProcessId, Seen> processes_;
  TimestampNs asked_ = 0;  ///< up to when processes_ is
  TimestampNs system_asked_ = 0;
  TimestampNs system_time_ = 0;
  double uptime_ = 0;  ///< at system_time_
  std::string kernel_;
};

}  // namespace livedata::cli::top
