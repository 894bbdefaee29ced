#pragma once

#include "collect/host/collector.h"
#include "collect/host/process_groups.h"
#include "collect/host/process_table.h"

namespace livedata::collect::host {

/// The processes. Sources:
/// `process`          those that use most CPU, I/O included, every round; and once a minute, so
/// that
///                    the table of any time can be read from one minute of records, the 200 with
///                    most memory
/// `process_group`    by name, every third round: those with most CPU and most memory, the others
/// as
///                    "(other)"
/// `process_event`    starts and ends of processes that lived for a round at least
/// `process_summary`  how many there are in which state
class ProcessCollector final : public Collector {
 public:
  explicit ProcessCollector(HostSource& source);
  ~ProcessCollector() override;
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  class Changes;

  void add_processes(const Sample& sample);
  void add_process(const Sample& sample, const Process& process) const;
  void add_groups(const Sample& sample) const;
  void add_events(const Sample& sample);
  void add_summary(const Sample& sample);
  void read_limits();
  void expose_summary(Exposition& page) const;
  void read_boot_time();
  [[nodiscard]] TimestampNs start_time(const ProcessStat& stat) const;

  HostSource& source_;
  double ticks_per_second_;
  std::uint64_t page_bytes_;
  TimestampNs boot_time_ = 0;
  std::uint64_t rounds_ = 0;
  ProcessTable table_;
  ProcessGroups groups_;
  std::unique_ptr<Changes> changes_;
  std::int64_t threads_ = 0;                      ///< of all processes, in the last round
  std::map<std::string, std::int64_t> by_state_;  ///< processes by the kernel's letter
  std::optional<std::int64_t> max_processes_, max_threads_;
};

}  // namespace livedata::collect::host
