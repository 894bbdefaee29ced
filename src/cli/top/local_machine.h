#pragma once

#include <memory>
#include <vector>

#include "cli/top/figures.h"
#include "collect/host/collector.h"
#include "collect/host/live_source.h"
#include "collect/host/process_table.h"

namespace livedata::cli::top {

/// This machine, sampled by the collectors that livedata watches it with. Not thread-safe.
class LocalMachine {
 public:
  LocalMachine();
  ~LocalMachine();
  LocalMachine(const LocalMachine&) = delete;
  LocalMachine& operator=(const LocalMachine&) = delete;

  /// The machine now. Rates are of the time since the last call: the first one has none.
  Snapshot sample(TimestampNs now, std::chrono::steady_clock::time_point steady);

 private:
  struct Part {
    std::unique_ptr<collect::host::Collector> collector;
    std::uint64_t rounds = 1;  ///< it is sampled each so many
  };
  [[nodiscard]] ProcessFigures figures_of(const collect::host::Process& process) const;
  void read_boot_time();
  void take_processes(std::chrono::steady_clock::time_point steady, Snapshot& snapshot);

  collect::host::LiveSource source_;
  collect::host::SourceStreams streams_;
  std::vector<Part> parts_;
  collect::host::ProcessTable table_;
  TimestampNs boot_time_ = 0;
  std::uint64_t rounds_ = 0;
  HostFigures host_;
};

/// What this machine is called in records, unless a setting says otherwise.
std::string local_host_name();

}  // namespace livedata::cli::top
