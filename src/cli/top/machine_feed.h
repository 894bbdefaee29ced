#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/top/local_machine.h"
#include "cli/top/recorded_machine.h"

namespace livedata::cli::top {

/// Figures of whichever machine and time is looked at. Used by one thread at a time.
class MachineFeed {
 public:
  /// The server must outlive the object.
  explicit MachineFeed(const ServerRecords& server) : server_(server) {}

  struct Wanted {
    std::string host;
    bool is_local = true;
    std::optional<TimestampNs> moment;  ///< now without it
    bool operator==(const Wanted&) const = default;
  };
  Result<Snapshot> sample(const Wanted& wanted, TimestampNs now);

 private:
  const ServerRecords& server_;
  std::unique_ptr<LocalMachine> local_;
  std::unique_ptr<RecordedMachine> recorded_;
  std::string recorded_host_;
};

}  // namespace livedata::cli::top
