#include "collect/host/process_groups.h"

#include <algorithm>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::array<std::string_view, 5> kStateNames = {"Running", "Sleeping", "Waiting", "Zombie",
                                                         "Other"};

}  // namespace

std::size_t state_index(char state) {
  switch (state) {
    case 'R':
      return 0;
    case 'S':
    case 'I':
      return 1;
    case 'D':
      return 2;
    case 'Z':
      return 3;
    default:
      return 4;
  }
}

ProcessGroup& ProcessGroups::group(std::string_view name) {
  if (const auto found = groups_.find(name); found != groups_.end()) return found->second;
  if (groups_.size() >= kMaxGroups) {
    std::erase_if(groups_, [](const auto& entry) { return entry.second.processes == 0; });
    if (groups_.size() >= kMaxGroups) name = kOther;
  }
  return groups_.try_emplace(std::string(name)).first->second;
}

void ProcessGroups::add(const Process& process, const ProcessStat* before, bool first_round) {
  ProcessGroup& sum = group(process.stat.name);
  static const ProcessStat kNothing;
  if (before == nullptr && first_round) return;
  const ProcessStat& from = before == nullptr ? kNothing : *before;
  sum.user_ticks += counter_increase(from.user_ticks, process.stat.user_ticks);
  sum.system_ticks += counter_increase(from.system_ticks, process.stat.system_ticks);
  sum.minor_faults += counter_increase(from.minor_faults, process.stat.minor_faults);
  sum.major_faults += counter_increase(from.major_faults, process.stat.major_faults);
}

/// I/O and switches since they were counted last.
void ProcessGroups::count(Process& process, ProcessGroup& sum) {
  Process::Counted& last = process.counted;
  if (process.io) {
    sum.read_bytes += counter_increase(last.io.read_bytes, process.io->read_bytes);
    sum.written_bytes += counter_increase(last.io.written_bytes, process.io->written_bytes);
    last.io = *process.io;
  }
  sum.voluntary_switches += counter_increase(last.voluntary_switches, process.voluntary_switches);
  sum.involuntary_switches +=
      counter_increase(last.involuntary_switches, process.involuntary_switches);
  last.voluntary_switches = process.voluntary_switches;
  last.involuntary_switches = process.involuntary_switches;
}

void ProcessGroups::sum_up(ProcessTable::Processes& processes, std::uint64_t page_bytes) {
  for (auto& [name, sum] : groups_) {
    ProcessGroup kept;
    kept.user_ticks = sum.user_ticks;
    kept.system_ticks = sum.system_ticks;
    kept.minor_faults = sum.minor_faults;
    kept.major_faults = sum.major_faults;
    kept.read_bytes = sum.read_bytes;
    kept.written_bytes = sum.written_bytes;
    kept.voluntary_switches = sum.voluntary_switches;
    kept.involuntary_switches = sum.involuntary_switches;
    sum = kept;
  }
  for (auto& [pid, process] : processes) {
    ProcessGroup& sum = group(process.stat.name);
    ++sum.processes;
    sum.threads += static_cast<std::uint64_t>(std::max<std::int64_t>(process.stat.threads, 0));
    sum.resident_bytes += process.stat.resident_pages * page_bytes;
    sum.virtual_bytes += process.stat.virtual_bytes;
    sum.swap_bytes += process.swap_bytes;
    sum.open_files += process.open_files.value_or(0);
    sum.cpu_percent += process.cpu_percent;
    sum.read_bytes_per_second += process.read_bytes_per_second;
    sum.written_bytes_per_second += process.written_bytes_per_second;
    count(process, sum);
    ++sum.states[state_index(process.stat.state)];
    if (sum.oldest_start_ticks == 0 || process.stat.start_ticks < sum.oldest_start_ticks)
      sum.oldest_start_ticks = process.stat.start_ticks;
  }
}

void ProcessGroups::expose(Exposition& page, double ticks_per_second, double boot_seconds) const {
  const auto each = [&](MetricType type, std::string_view name, std::string_view help,
                        auto member) {
    page.family(name, type, help);
    for (const auto& [group, sum] : groups_) page.add({{"groupname", group}}, sum.*member);
  };
  const auto seconds = [ticks_per_second](std::uint64_t ticks) {
    return static_cast<double>(ticks) / ticks_per_second;
  };
  each(MetricType::kGauge, "namedprocess_namegroup_num_procs", "number of processes in this group",
       &ProcessGroup::processes);
  page.counter("namedprocess_namegroup_cpu_seconds_total", "Cpu user usage in seconds");
  for (const auto& [group, sum] : groups_) {
    page.add({{"groupname", group}, {"mode", "system"}}, seconds(sum.system_ticks));
    page.add({{"groupname", group}, {"mode", "user"}}, seconds(sum.user_ticks));
  }
  page.gauge("namedprocess_namegroup_memory_bytes", "number of bytes of memory in use");
  for (const auto& [group, sum] : groups_) {
    page.add({{"groupname", group}, {"memtype", "resident"}}, sum.resident_bytes);
    page.add({{"groupname", group}, {"memtype", "swapped"}}, sum.swap_bytes);
    page.add({{"groupname", group}, {"memtype", "virtual"}}, sum.virtual_bytes);
  }
  each(MetricType::kGauge, "namedprocess_namegroup_num_threads", "Number of threads",
       &ProcessGroup::threads);
  each(MetricType::kGauge, "namedprocess_namegroup_open_filedesc",
       "number of open file descriptors for this group", &ProcessGroup::open_files);
  each(MetricType::kCounter, "namedprocess_namegroup_major_page_faults_total", "Major page faults",
       &ProcessGroup::major_faults);
  each(MetricType::kCounter, "namedprocess_namegroup_minor_page_faults_total", "Minor page faults",
       &ProcessGroup::minor_faults);
  each(MetricType::kCounter, "namedprocess_namegroup_read_bytes_total",
       "number of bytes read by this group", &ProcessGroup::read_bytes);
  each(MetricType::kCounter, "namedprocess_namegroup_write_bytes_total",
       "number of bytes written by this group", &ProcessGroup::written_bytes);
  page.counter("namedprocess_namegroup_context_switches_total", "Context switches");
  for (const auto& [group, sum] : groups_) {
    page.add({{"ctxswitchtype", "nonvoluntary"}, {"groupname", group}}, sum.involuntary_switches);
    page.add({{"ctxswitchtype", "voluntary"}, {"groupname", group}}, sum.voluntary_switches);
  }
  page.gauge("namedprocess_namegroup_states", "Number of processes in states");
  for (const auto& [group, sum] : groups_) {
    for (std::size_t i = 0; i < kStateNames.size(); ++i)
      page.add({{"groupname", group}, {"state", kStateNames[i]}}, sum.states[i]);
  }
  page.gauge("namedprocess_namegroup_oldest_start_time_seconds",
             "start time in seconds since 1970/01/01 of oldest process in group");
  for (const auto& [group, sum] : groups_) {
    if (sum.processes > 0)
      page.add({{"groupname", group}}, boot_seconds + seconds(sum.oldest_start_ticks));
  }
}

}  // namespace livedata::collect::host
