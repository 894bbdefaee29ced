#pragma once

#include <array>
#include <map>

#include "collect/host/exposition.h"
#include "collect/host/process_table.h"

namespace livedata::collect::host {

/// Processes of one name, added up. What has ended meanwhile stays in the counters.
struct ProcessGroup {
  // Counters, from what was seen of each process.
  std::uint64_t user_ticks = 0, system_ticks = 0, minor_faults = 0, major_faults = 0;
  std::uint64_t read_bytes = 0, written_bytes = 0, voluntary_switches = 0, involuntary_switches = 0;
  // As of the last summing up.
  std::uint64_t processes = 0, threads = 0, resident_bytes = 0, virtual_bytes = 0;
  std::uint64_t swap_bytes = 0, open_files = 0;
  double cpu_percent = 0;  ///< since the last round
  double read_bytes_per_second = 0, written_bytes_per_second = 0;
  std::uint64_t oldest_start_ticks = 0;
  std::array<std::uint64_t, 5> states{};  ///< Running, Sleeping, Waiting, Zombie, Other
};

/// Groups of processes by name, such as process-exporter shows
/// (https://github.com/ncabatoff/process-exporter). Bounded: names beyond kMaxGroups are one group.
class ProcessGroups {
 public:
  static constexpr std::size_t kMaxGroups = 1000;
  static constexpr std::string_view kOther = "(other)";

  /// CPU time and faults of a process since `before`; all of them without one, unless it is the
  /// first round, when nobody knows when they were.
  void add(const Process& process, const ProcessStat* before, bool first_round);
  /// Adds up what the processes are now. Groups without any are kept, for their counters, until
  /// there are too many.
  void sum_up(ProcessTable::Processes& processes, std::uint64_t page_bytes);
  [[nodiscard]] const std::map<std::string, ProcessGroup, std::less<>>& all() const {
    return groups_;
  }
  void expose(Exposition& page, double ticks_per_second, double boot_seconds) const;

 private:
  ProcessGroup& group(std::string_view name);
  static void count(Process& process, ProcessGroup& sum);

  std::map<std::string, ProcessGroup, std::less<>> groups_;
};

/// Index into ProcessGroup::states of a state letter of proc(5).
std::size_t state_index(char state);

}  // namespace livedata::collect::host
