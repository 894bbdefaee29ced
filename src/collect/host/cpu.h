#pragma once

#include <array>

#include "collect/host/collector.h"
#include "collect/host/device_table.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// CPU time by mode from /proc/stat, in percent of the time since the last round: source `cpu` for
/// all cores together, with context switches, interrupts and forks per second; every fifth round,
/// or as the constructor is told, `cpu_core` for each core, with its frequency.
class CpuCollector final : public Collector {
 public:
  explicit CpuCollector(HostSource& source, std::uint64_t core_rounds = 5);
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

  /// Modes in the order of proc(5). Guest time is part of user time, guest_nice of nice.
  enum Mode { kUser, kNice, kSystem, kIdle, kIowait, kIrq, kSoftirq, kSteal, kGuest, kGuestNice };
  static constexpr std::size_t kModes = 10;
  using Times = std::array<std::uint64_t, kModes>;

 private:
  struct Counters {
    std::uint64_t interrupts = 0, context_switches = 0, forks = 0;
  };
  using Core = DeviceTable<Times>::Device;

  void parse(std::string_view text);
  void add_all(const Sample& sample, double seconds);
  void add_cores(const Sample& sample);
  void find_frequencies();
  void read_frequencies();
  void read_schedule();
  void expose_schedule(Exposition& page) const;

  HostSource& source_;
  std::unique_ptr<SourceFile> stat_;
  double ticks_per_second_;
  std::uint64_t core_rounds_;
  Interval interval_;
  std::uint64_t rounds_ = 0;
  DeviceTable<Times> cores_;         ///< by number; "" is all of them together
  DeviceTable<Times> core_records_;  ///< as they were when cpu_core was written last
  Counters before_, now_;
  std::uint64_t boot_time_ = 0;
  std::uint64_t running_ = 0;
  std::uint64_t blocked_ = 0;
  struct Frequency {
    std::unique_ptr<SourceFile> file;
    std::uint64_t hertz = 0;
    std::uint64_t least = 0, most = 0;  ///< hertz; 0: not known
  };
  std::map<std::string, Frequency, std::less<>> frequencies_;
  /// What the scheduler tells of a core (Documentation/scheduler/sched-stats.rst).
  struct Schedule {
    std::uint64_t running_ns = 0, waiting_ns = 0, timeslices = 0;
  };
  std::unique_ptr<SourceFile> schedstat_;
  std::map<std::string, Schedule, std::less<>> schedule_;
};

}  // namespace livedata::collect::host
