#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collect/proc_source.h"
#include "collect/sample.h"

namespace livedata::collect {

/// What /proc/PID/stat says of a process.
struct ProcessStat {
  std::int64_t pid = 0;
  std::string name;
  char state = '?';
  std::uint64_t ticks = 0;  ///< CPU time, user and system, in clock ticks
  std::int64_t threads = 0;
  std::uint64_t start_ticks = 0;  ///< since boot
  std::uint64_t resident_pages = 0;
};

/// Parses a stat line. The name stands in parentheses and may itself hold any character.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

/// The processes that use most CPU time and most memory: source `process`.
class ProcessSampler {
 public:
  explicit ProcessSampler(const ProcSource& source);
  bool sample(const Sample& sample);

 private:
  struct Process {
    ProcessStat stat;
    double cpu_percent = 0;
  };
  struct Known {
    std::uint64_t ticks = 0;
    std::uint64_t start_ticks = 0;
  };

  std::vector<Process> read_all(double seconds);
  void add(const Process& process, const Sample& sample);
  const std::string& user_name(unsigned uid);

  Path proc_;
  TimestampNs boot_time_ = 0;
  Interval interval_;
  std::unordered_map<std::int64_t, Known> known_;
  std::unordered_map<unsigned, std::string> user_names_;
};

}  // namespace livedata::collect
