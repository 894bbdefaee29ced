#include "collect/host/process_table.h"

#include <algorithm>

#include <fmt/core.h>

#include "collect/host/cgroup_name.h"
#include "collect/host/sample.h"
#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::size_t kMaxCommandBytes = 512;
constexpr std::size_t kMaxCgroupBytes = 256;
constexpr std::uint64_t kRefreshRounds = 12;   // at 5 s: a minute
constexpr std::uint64_t kListingRounds = 12;   // in case a new task was missed
constexpr std::size_t kDetailsInARound = 250;  // of processes that were not looked at before
constexpr double kBusyPercent = 1;

std::int64_t to_pid(std::string_view name) {
  if (name.empty() || name.front() < '1' || name.front() > '9') return 0;
  return to_number<std::int64_t>(name);
}

}  // namespace

ProcessTable::ProcessTable(HostSource& source, Pace pace)
    : source_(source),
      pace_(pace),
      loadavg_(source.open("/proc/loadavg")),
      tick_ns_(1e9 / source.ticks_per_second()) {}

std::uint64_t ProcessTable::ticks_ns(const ProcessStat& stat) const {
  return static_cast<std::uint64_t>(static_cast<double>(stat.user_ticks + stat.system_ticks) *
                                    tick_ns_);
}

std::optional<std::string_view> ProcessTable::file_of(std::int64_t pid, std::string_view name) {
  path_.clear();
  fmt::format_to(std::back_inserter(path_), "/proc/{}/{}", pid, name);
  return source_.read(path_, buffer_);
}

bool ProcessTable::read_stat(std::int64_t pid) {
  const auto text = file_of(pid, "stat");
  return text && parse_process_stat(*text, stat_);
}

/// The last word of /proc/loadavg is the number of the task that was made last.
bool ProcessTable::tasks_were_made() {
  if (!source_.has_process_clocks()) return true;
  const auto text = loadavg_->read();
  if (!text) return true;
  const std::string_view line = trimmed(*text);
  const std::string_view last = line.substr(line.rfind(' ') + 1);
  if (last == last_task_) return rounds_ % kListingRounds == 0;
  last_task_ = last;
  return true;
}

bool ProcessTable::refresh(std::chrono::steady_clock::time_point now, Observer& observer) {
  seconds_ = rounds_ == 0 ? 0 : std::chrono::duration<double>(now - last_round_).count();
  last_round_ = now;
  const bool list = tasks_were_made();
  if (list) list_new(now, observer);
  for (auto it = processes_.begin(); it != processes_.end();) {
    Process& process = it->second;
    // What the listing lacks is gone; without one, its clock tells.
    const bool gone = list && process.listed_in_ != listings_;
    if (!gone && (process.is_new || update(process, now, observer))) {
      ++it;
      continue;
    }
    observer.exited(process);
    it = processes_.erase(it);
  }
  details_left_ = kDetailsInARound;
  for (auto& [pid, process] : processes_) refresh_details(process, now);
  ++rounds_;
  return !processes_.empty();
}

void ProcessTable::list_new(std::chrono::steady_clock::time_point now, Observer& observer) {
  ++listings_;
  std::vector<std::int64_t> fresh;
  source_.list("/proc", [&](std::string_view name) {
    const std::int64_t pid = to_pid(name);
    if (pid == 0) return;
    if (Process* const known = find(pid)) {
      known->listed_in_ = listings_;
    } else if (processes_.size() + fresh.size() < kMaxProcesses) {
      fresh.push_back(pid);
    }
  });
  for (const std::int64_t pid : fresh) {
    if (!read_stat(pid)) continue;  // it has ended meanwhile
    Process process;
    process.stat = stat_;
    process.read_at = now;
    process.listed_in_ = listings_;
    process.refreshed_ = rounds_ - std::min<std::uint64_t>(
                                       rounds_, static_cast<std::uint64_t>(pid) % kRefreshRounds);
    process.cpu_ns =
        source_.has_process_clocks() ? source_.process_cpu_ns(pid).value_or(0) : ticks_ns(stat_);
    // Of a process that is younger than the round, all of its time is the round's.
    if (seconds_ > 0)
      process.cpu_percent = rounded(static_cast<double>(process.cpu_ns) / 1e7 / seconds_);
    observer.read(process, nullptr);
    processes_.emplace(pid, std::move(process));
  }
}

/// False: the process is gone.
bool ProcessTable::update(Process& process, std::chrono::steady_clock::time_point now,
                          Observer& observer) {
  const std::int64_t pid = process.stat.pid;
  const bool due = rounds_ - process.refreshed_ >= kRefreshRounds;
  const std::uint64_t before_ns = process.cpu_ns;
  if (source_.has_process_clocks()) {
    const auto cpu_ns = source_.process_cpu_ns(pid);
    if (!cpu_ns) return false;
    process.cpu_ns = *cpu_ns;
    if (*cpu_ns == before_ns && !due) {
      process.cpu_percent = 0;
      return true;
    }
  }
  if (!read_stat(pid)) return false;
  process.refreshed_ = rounds_;
  process.read_at = now;
  if (stat_.start_ticks != process.stat.start_ticks) {
    replace(process, observer);
    return true;
  }
  if (!source_.has_process_clocks()) process.cpu_ns = ticks_ns(stat_);
  if (seconds_ > 0) {
    process.cpu_percent =
        rounded(static_cast<double>(counter_increase(before_ns, process.cpu_ns)) / 1e7 / seconds_);
  }
  // A program that another one has become shows its own command line.
  if (stat_.name != process.stat.name) process.has_details = false;
  std::swap(process.stat, stat_);
  observer.read(process, &stat_);
  return true;
}

/// The number now stands for another process.
void ProcessTable::replace(Process& process, Observer& observer) {
  observer.exited(process);
  Process fresh;
  fresh.stat = stat_;
  fresh.read_at = process.read_at;
  fresh.listed_in_ = process.listed_in_;
  fresh.refreshed_ = process.refreshed_;
  fresh.cpu_ns = source_.has_process_clocks() ? process.cpu_ns : ticks_ns(stat_);
  process = std::move(fresh);
  observer.read(process, nullptr);
}

void ProcessTable::refresh_details(Process& process, std::chrono::steady_clock::time_point now) {
  if (process.is_new) {
    // Many end within a round; those that stay are looked at in the next.
    process.is_new = false;
    return;
  }
  if (!process.has_details) {
    if (details_left_ == 0) return;  // the others when it is their turn, or when they are recorded
    --details_left_;
    read_details(process, now);
    return;
  }
  if (process.details_cpu_ns == process.cpu_ns) {
    process.read_bytes_per_second = process.written_bytes_per_second = 0;
    return;
  }
  const auto age = now - process.details_at;
  if (age >= (process.cpu_percent >= kBusyPercent ? pace_.busy : pace_.quiet))
    read_activity(process, now);
}

void ProcessTable::read_details(Process& process, std::chrono::steady_clock::time_point now) {
  if (process.has_details) return;
  process.has_details = true;
  const std::int64_t pid = process.stat.pid;
  process.command = file_of(pid, "cmdline").value_or("").substr(0, kMaxCommandBytes);
  // Arguments end with NUL, and may hold line ends.
  std::replace_if(
      process.command.begin(), process.command.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  process.command.erase(process.command.find_last_not_of(' ') + 1);
  if (process.command.empty())  // a kernel thread
    process.command = fmt::format("[{}]", process.stat.name);
  if (const auto text = file_of(pid, "cgroup")) {
    process.cgroup = parse_process_cgroup(*text).substr(0, kMaxCgroupBytes);
    const CgroupName name = name_cgroup(process.cgroup);
    process.unit = name.unit;
    process.container = name.container_id.substr(0, 12);
  }
  process.io.reset();
  read_activity(process, now);
  process.user = user_name(process.uid);
}

void ProcessTable::read_activity(Process& process, std::chrono::steady_clock::time_point now) {
  const std::int64_t pid = process.stat.pid;
  if (const auto text = file_of(pid, "status")) {
    const ProcessStatus status = parse_process_status(*text);
    process.uid = status.uid.value_or(process.uid);
    process.swap_bytes = status.swap_bytes;
    process.voluntary_switches = status.voluntary_switches;
    process.involuntary_switches = status.involuntary_switches;
  }
  process.open_files = source_.open_files(pid);
  const auto before = process.io;
  process.io.reset();
  if (const auto text = file_of(pid, "io")) process.io = parse_process_io(*text);
  const double seconds = std::chrono::duration<double>(now - process.details_at).count();
  if (before && process.io && seconds > 0) {
    const auto rate = [seconds](std::uint64_t from, std::uint64_t to) {
      return rounded(static_cast<double>(counter_increase(from, to)) / seconds);
    };
    process.read_bytes_per_second = rate(before->read_bytes, process.io->read_bytes);
    process.written_bytes_per_second = rate(before->written_bytes, process.io->written_bytes);
  }
  process.details_at = now;
  process.details_cpu_ns = process.cpu_ns;
}

const std::string& ProcessTable::user_name(unsigned uid) {
  const auto [slot, is_new] = user_names_.try_emplace(uid);
  if (is_new) {
    slot->second = source_.user_name(uid);
    if (slot->second.empty()) slot->second = std::to_string(uid);
  }
  return slot->second;
}

}  // namespace livedata::collect::host
