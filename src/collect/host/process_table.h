#pragma once

#include <chrono>
#include <unordered_map>
#include <vector>

#include "collect/host/host_source.h"
#include "collect/host/process_stat.h"

namespace livedata::collect::host {

/// A process, with what its last readings say.
struct Process {
  ProcessStat stat;
  std::chrono::steady_clock::time_point read_at;  ///< when stat was read
  std::uint64_t cpu_ns = 0;                       ///< CPU time of all, as of the last round
  double cpu_percent = 0;                         ///< of one core, since the round before
  bool is_new = true;                             ///< first seen in this round

  // Read when the process is new, and again when it works. See ProcessTable.
  bool has_details = false;
  std::chrono::steady_clock::time_point details_at;
  std::uint64_t details_cpu_ns = 0;  ///< CPU time when they were read
  unsigned uid = 0;
  std::string user;
  std::string command;
  std::string cgroup;
  std::string unit;
  std::string container;
  std::uint64_t swap_bytes = 0;
  std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
  std::optional<std::uint64_t> open_files;
  std::optional<ProcessIo> io;
  double read_bytes_per_second = 0;
  double written_bytes_per_second = 0;

  /// What ProcessGroups has added up already.
  struct Counted {
    ProcessIo io;
    std::uint64_t voluntary_switches = 0, involuntary_switches = 0;
  } counted;

 private:
  friend class ProcessTable;
  std::uint64_t listed_in_ = 0;  // the listing of /proc that has it
  std::uint64_t refreshed_ = 0;  // the round that read stat last
};

/// The processes of a machine, read sparingly. A process that has used no CPU time since the last
/// round cannot have changed much: where the source tells CPU time without a file (LiveSource, one
/// system call of under a microsecond), only those that ran are read again, the others once a
/// minute. /proc is listed when a task was made since the last round. Command, user, cgroup, files
/// and I/O are read when a process is seen a second time, and again, at most every 10 s, when it
/// uses a noticeable share of a core, or else every two minutes if it ran at all; or at another
/// pace. Not thread-safe.
class ProcessTable {
 public:
  /// The least age of I/O, open files and the like before they are read again.
  struct Pace {
    std::chrono::seconds busy = std::chrono::seconds(10);
    std::chrono::seconds quiet = std::chrono::minutes(2);
  };
  explicit ProcessTable(HostSource& source) : ProcessTable(source, Pace{}) {}
  ProcessTable(HostSource& source, Pace pace);

  /// Told of changes while refresh() runs.
  class Observer {
   public:
    virtual ~Observer() = default;
    /// `stat` was read again; `before` is what it said before, null for a new process.
    virtual void read(const Process& process, const ProcessStat* before) = 0;
    virtual void exited(const Process& process) = 0;
  };

  /// False: there is no /proc to list.
  bool refresh(std::chrono::steady_clock::time_point now, Observer& observer);
  using Processes = std::unordered_map<std::int64_t, Process>;
  [[nodiscard]] Processes& processes() { return processes_; }
  [[nodiscard]] const Processes& processes() const { return processes_; }
  /// Reads what a record of the process shows, if it was not read yet.
  void read_details(Process& process, std::chrono::steady_clock::time_point now);
  Process* find(std::int64_t pid) {
    const auto found = processes_.find(pid);
    return found == processes_.end() ? nullptr : &found->second;
  }
  /// The most processes that are looked at.
  static constexpr std::size_t kMaxProcesses = 50'000;

 private:
  [[nodiscard]] bool tasks_were_made();
  void list_new(std::chrono::steady_clock::time_point now, Observer& observer);
  bool update(Process& process, std::chrono::steady_clock::time_point now, Observer& observer);
  bool read_stat(std::int64_t pid);
  void replace(Process& process, Observer& observer);
  void refresh_details(Process& process, std::chrono::steady_clock::time_point now);
  void read_activity(Process& process, std::chrono::steady_clock::time_point now);
  std::uint64_t ticks_ns(const ProcessStat& stat) const;
  const std::string& user_name(unsigned uid);
  std::optional<std::string_view> file_of(std::int64_t pid, std::string_view name);

  HostSource& source_;
  Pace pace_;
  std::unique_ptr<SourceFile> loadavg_;
  double tick_ns_;
  std::uint64_t rounds_ = 0;
  std::uint64_t listings_ = 0;
  std::string last_task_;
  Processes processes_;
  std::unordered_map<unsigned, std::string> user_names_;
  ProcessStat stat_;  // reused
  std::string buffer_, path_;
  std::chrono::steady_clock::time_point last_round_;
  double seconds_ = 0;  ///< since the last round
  std::size_t details_left_ = 0;
};

}  // namespace livedata::collect::host
