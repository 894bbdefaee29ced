#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace livedata::cli::top {

/// Shares of the time of all cores, in percent.
struct CpuShares {
  double busy = 0;
  double user = 0;  ///< with what runs at another nice value
  double system = 0;
  double iowait = 0;
  double steal = 0;
};

struct LoadFigures {
  double one = 0, five = 0, fifteen = 0;
};

/// In bytes.
struct MemoryFigures {
  double total = 0;
  double used = 0;   ///< total less available
  double cache = 0;  ///< cached and buffers
  double swap_total = 0;
  double swap_used = 0;
};

/// In bytes per second.
struct DiskFigures {
  double read = 0;
  double written = 0;
  double busy_percent = 0;
};

/// In bytes per second.
struct NetworkFigures {
  double received = 0;
  double sent = 0;
};

struct TaskFigures {
  std::int64_t processes = 0;
  std::int64_t threads = 0;
  std::int64_t running = 0;
  std::int64_t waiting = 0;
  std::int64_t zombies = 0;
};

/// A machine at one time. What is not known is absent.
struct HostFigures {
  std::string name;
  std::string kernel;
  TimestampNs time = 0;
  std::optional<double> uptime_seconds;
  std::optional<CpuShares> cpu;
  std::map<std::int64_t, double> cores;  ///< number -> percent busy
  std::optional<LoadFigures> load;
  std::optional<MemoryFigures> memory;
  std::map<std::string, double> pressure;  ///< resource -> percent of the time that some waited
  std::map<std::string, DiskFigures> disks;
  std::map<std::string, NetworkFigures> networks;
  std::optional<TaskFigures> tasks;
};

/// Those disks and interfaces that do not pass on what others of them carry.
DiskFigures total(const std::map<std::string, DiskFigures>& disks);
NetworkFigures total(const std::map<std::string, NetworkFigures>& networks);

/// A process at one time; or those of one name, added up, where `members` says how many.
struct ProcessFigures {
  std::int64_t pid = 0;
  std::int64_t parent = 0;
  TimestampNs start_time = 0;
  std::uint64_t start_ticks = 0;  ///< the kernel's own time of start; of this machine's alone
  std::string user;
  std::string name;
  std::string command;
  char state = '?';
  double cpu_percent = 0;  ///< of one core
  double memory_bytes = 0;
  double swap_bytes = 0;
  std::int64_t threads = 0;
  std::optional<std::int64_t> open_files;
  std::optional<double> read_rate, written_rate;  ///< bytes per second
  std::string unit;
  std::string container;
  std::int64_t members = 0;

  [[nodiscard]] double io_rate() const { return read_rate.value_or(0) + written_rate.value_or(0); }
};

struct Snapshot {
  HostFigures host;
  std::vector<ProcessFigures> processes;
};

}  // namespace livedata::cli::top
