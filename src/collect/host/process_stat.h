#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace livedata::collect::host {

/// What /proc/PID/stat says of a process (proc(5)).
struct ProcessStat {
  std::int64_t pid = 0;
  std::int64_t parent = 0;
  std::string name;
  char state = '?';
  std::uint64_t minor_faults = 0, major_faults = 0;
  std::uint64_t user_ticks = 0, system_ticks = 0;  ///< CPU time in clock ticks
  std::int64_t threads = 0;
  std::uint64_t start_ticks = 0;  ///< since boot
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};

/// Parses a stat line into `stat`, whose memory is reused. The name stands in parentheses and may
/// itself hold any character. False: it is no such line.
bool parse_process_stat(std::string_view text, ProcessStat& stat);

/// What /proc/PID/status adds.
struct ProcessStatus {
  std::optional<unsigned> uid;  ///< effective
  std::uint64_t swap_bytes = 0;
  std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
};
ProcessStatus parse_process_status(std::string_view text);

/// What /proc/PID/io says of the disk.
struct ProcessIo {
  std::uint64_t read_bytes = 0, written_bytes = 0;
};
ProcessIo parse_process_io(std::string_view text);

/// The path of the process in the hierarchy of cgroup v2, or in systemd's of v1, from
/// /proc/PID/cgroup.
std::string_view parse_process_cgroup(std::string_view text);

}  // namespace livedata::collect::host
