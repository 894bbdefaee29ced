#include "collect/host/process.h"

#include <algorithm>
#include <array>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::size_t kTopByCpu = 15;
constexpr std::size_t kTopByMemory = 200;
constexpr std::size_t kTopGroups = 20;  // by each of CPU and memory
constexpr std::size_t kMaxEvents = 50;  // of each kind in a round
constexpr std::uint64_t kTableRounds = 12;
constexpr std::uint64_t kGroupRounds = 3;
constexpr double kLeastPercent = 0.1;

/// Sorts the `count` largest to the front and drops the rest.
template <class T, class Less>
void keep_top(std::vector<T>& all, std::size_t count, const Less& larger) {
  const std::size_t kept = std::min(count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                    larger);
  all.resize(kept);
}

}  // namespace

/// What a refresh of the table has found.
class ProcessCollector::Changes final : public ProcessTable::Observer {
 public:
  explicit Changes(ProcessGroups& groups) : groups_(groups) {}

  void begin(bool first_round) {
    first_round_ = first_round;
    // Those that began in the last round have their details now, if they are still there.
    starting.swap(started);
    started.clear();
    exits.clear();
    num_started = num_exited = 0;
  }
  void read(const Process& process, const ProcessStat* before) override {
    groups_.add(process, before, first_round_);
    if (before != nullptr || first_round_) return;
    ++num_started;
    if (started.size() < kMaxEvents) started.push_back(process.stat.pid);
  }
  void exited(const Process& process) override {
    ++num_exited;
    if (process.has_details && exits.size() < kMaxEvents) exits.push_back(process);
  }

  std::vector<std::int64_t> started;   ///< in this round
  std::vector<std::int64_t> starting;  ///< in the last round
  std::vector<Process> exits;
  std::int64_t num_started = 0;
  std::int64_t num_exited = 0;

 private:
  ProcessGroups& groups_;
  bool first_round_ = true;
};

ProcessCollector::ProcessCollector(HostSource& source)
    : source_(source),
      ticks_per_second_(source.ticks_per_second()),
      page_bytes_(source.page_bytes()),
      table_(source),
      changes_(std::make_unique<Changes>(groups_)) {}

ProcessCollector::~ProcessCollector() = default;

void ProcessCollector::read_boot_time() {
  const auto stat = source_.open("/proc/stat");
  for (TextScanner lines(stat->read().value_or("")); !lines.done();) {
    TextScanner words(lines.line());
    if (words.word() == "btime") boot_time_ = to_number<TimestampNs>(words.word()) * kNsPerSecond;
  }
}

TimestampNs ProcessCollector::start_time(const ProcessStat& stat) const {
  return boot_time_ +
         static_cast<TimestampNs>(static_cast<double>(stat.start_ticks) / ticks_per_second_ * 1e9);
}

bool ProcessCollector::sample(const Sample& sample) {
  if (boot_time_ == 0) read_boot_time();
  changes_->begin(rounds_ == 0);
  if (!table_.refresh(sample.steady, *changes_)) return false;
  groups_.sum_up(table_.processes(), page_bytes_);
  if (rounds_ > 0) {
    add_processes(sample);
    add_events(sample);
    if (rounds_ % kTableRounds == 1) read_limits();
    add_summary(sample);
    if (rounds_ % kGroupRounds == 1) add_groups(sample);
  }
  ++rounds_;
  return true;
}

void ProcessCollector::add_processes(const Sample& sample) {
  std::vector<Process*> top;
  std::vector<Process*> others;
  for (auto& [pid, process] : table_.processes()) {
    const bool busy = process.cpu_percent >= kLeastPercent || process.stat.state == 'D' ||
                      process.read_bytes_per_second + process.written_bytes_per_second > 0;
    (busy ? top : others).push_back(&process);
  }
  const auto by_cpu = [](const Process* a, const Process* b) {
    return a->cpu_percent != b->cpu_percent
               ? a->cpu_percent > b->cpu_percent
               : a->read_bytes_per_second + a->written_bytes_per_second >
                     b->read_bytes_per_second + b->written_bytes_per_second;
  };
  std::sort(top.begin(), top.end(), by_cpu);
  while (top.size() > kTopByCpu) {
    others.push_back(top.back());
    top.pop_back();
  }
  if (rounds_ % kTableRounds == 1) {
    keep_top(others, kTopByMemory, [](const Process* a, const Process* b) {
      return a->stat.resident_pages > b->stat.resident_pages;
    });
    for (Process* const process : others) {
      if (process->stat.resident_pages > 0) top.push_back(process);
    }
  }
  for (Process* const process : top) {
    table_.read_details(*process, sample.steady);
    add_process(sample, *process);
  }
}

void ProcessCollector::add_process(const Sample& sample, const Process& process) const {
  const std::string_view state(&process.stat.state, 1);
  std::array<Field, 18> fields = {
      Field{"pid", process.stat.pid},
      Field{"parent", process.stat.parent},
      Field{"user", std::string_view(process.user)},
      Field{"name", std::string_view(process.stat.name)},
      Field{"command", std::string_view(process.command)},
      Field{"cpu_percent", process.cpu_percent},
      Field{"memory_bytes", as_int(process.stat.resident_pages * page_bytes_)},
      Field{"threads", process.stat.threads},
      Field{"state", state},
      Field{"start_time", start_time(process.stat)}};
  std::size_t count = 10;
  if (process.swap_bytes > 0) fields[count++] = Field{"swap_bytes", as_int(process.swap_bytes)};
  if (process.open_files) fields[count++] = Field{"open_files", as_int(*process.open_files)};
  if (process.io) {
    fields[count++] = Field{"read_bytes_per_second", process.read_bytes_per_second};
    fields[count++] = Field{"written_bytes_per_second", process.written_bytes_per_second};
  }
  if (process.cgroup.size() > 1)
    fields[count++] = Field{"cgroup", std::string_view(process.cgroup)};
  if (!process.unit.empty()) fields[count++] = Field{"unit", std::string_view(process.unit)};
  if (!process.container.empty())
    fields[count++] = Field{"container", std::string_view(process.container)};
  sample.add("process", std::span<const Field>(fields).first(count));
}

void ProcessCollector::add_groups(const Sample& sample) const {
  using Entry = std::pair<std::string_view, ProcessGroup>;
  std::vector<Entry> groups;
  for (const auto& [name, group] : groups_.all()) {
    if (group.processes > 0) groups.emplace_back(name, group);
  }
  const auto split = [&groups](std::size_t from, const auto& larger) {
    const std::size_t to = std::min(from + kTopGroups, groups.size());
    std::partial_sort(groups.begin() + static_cast<std::ptrdiff_t>(from),
                      groups.begin() + static_cast<std::ptrdiff_t>(to), groups.end(), larger);
    return to;
  };
  std::size_t top = split(0, [](const Entry& a, const Entry& b) {
    return a.second.cpu_percent > b.second.cpu_percent;
  });
  top = split(top, [](const Entry& a, const Entry& b) {
    return a.second.resident_bytes > b.second.resident_bytes;
  });
  if (top < groups.size()) {
    ProcessGroup rest;
    for (std::size_t i = top; i < groups.size(); ++i) {
      const ProcessGroup& group = groups[i].second;
      rest.processes += group.processes;
      rest.threads += group.threads;
      rest.resident_bytes += group.resident_bytes;
      rest.swap_bytes += group.swap_bytes;
      rest.open_files += group.open_files;
      rest.cpu_percent += group.cpu_percent;
      rest.read_bytes_per_second += group.read_bytes_per_second;
      rest.written_bytes_per_second += group.written_bytes_per_second;
    }
    groups.resize(top);
    groups.emplace_back(ProcessGroups::kOther, rest);
  }
  for (const auto& [name, group] : groups) {
    sample.add(
        "process_group",
        {Field{"name", name}, Field{"processes", as_int(group.processes)},
         Field{"threads", as_int(group.threads)}, Field{"cpu_percent", rounded(group.cpu_percent)},
         Field{"memory_bytes", as_int(group.resident_bytes)},
         Field{"swap_bytes", as_int(group.swap_bytes)},
         Field{"open_files", as_int(group.open_files)},
         Field{"read_bytes_per_second", rounded(group.read_bytes_per_second)},
         Field{"written_bytes_per_second", rounded(group.written_bytes_per_second)}});
  }
}

void ProcessCollector::add_events(const Sample& sample) {
  const auto add = [&](std::string_view event, const Process& process) {
    const double cpu_seconds = rounded(static_cast<double>(process.cpu_ns) / 1e9);
    sample.add(
        "process_event",
        {Field{"event", event}, Field{"pid", process.stat.pid},
         Field{"parent", process.stat.parent}, Field{"name", std::string_view(process.stat.name)},
         Field{"command", std::string_view(process.command)},
         Field{"user", std::string_view(process.user)},
         Field{"unit", std::string_view(process.unit)},
         Field{"start_time", start_time(process.stat)}, Field{"cpu_seconds", cpu_seconds},
         Field{"memory_bytes", as_int(process.stat.resident_pages * page_bytes_)}});
  };
  for (const std::int64_t pid : changes_->starting) {
    const Process* const process = table_.find(pid);
    if (process != nullptr && process->has_details) add("started", *process);
  }
  for (const Process& process : changes_->exits) add("exited", process);
}

void ProcessCollector::add_summary(const Sample& sample) {
  std::array<std::int64_t, 5> states{};
  threads_ = 0;
  by_state_.clear();
  for (const auto& [pid, process] : table_.processes()) {
    ++states[state_index(process.stat.state)];
    ++by_state_[std::string(1, process.stat.state)];
    threads_ += process.stat.threads;
  }
  sample.add("process_summary",
             {Field{"processes", static_cast<std::int64_t>(table_.processes().size())},
              Field{"threads", threads_}, Field{"running", states[0]}, Field{"sleeping", states[1]},
              Field{"waiting", states[2]}, Field{"zombies", states[3]}, Field{"other", states[4]},
              Field{"started", changes_->num_started}, Field{"exited", changes_->num_exited}});
}

void ProcessCollector::expose(Exposition& page) const {
  if (rounds_ == 0) return;
  groups_.expose(page, ticks_per_second_, static_cast<double>(boot_time_) / 1e9);
  expose_summary(page);
}

void ProcessCollector::read_limits() {
  std::string buffer;
  const auto number_of = [&](const char* path) -> std::optional<std::int64_t> {
    const auto text = source_.read(path, buffer);
    return text ? std::optional(to_number<std::int64_t>(trimmed(*text))) : std::nullopt;
  };
  max_processes_ = number_of("/proc/sys/kernel/pid_max");
  max_threads_ = number_of("/proc/sys/kernel/threads-max");
}

void ProcessCollector::expose_summary(Exposition& page) const {
  page.gauge("node_processes_pids", "Number of PIDs").add(table_.processes().size());
  page.gauge("node_processes_threads", "Allocated threads in system").add(threads_);
  page.gauge("node_processes_state", "Number of processes in each state.");
  for (const auto& [state, count] : by_state_) page.add({{"state", state}}, count);
  if (max_processes_)
    page.gauge("node_processes_max_processes", "Number of max PIDs limit").add(*max_processes_);
  if (max_threads_)
    page.gauge("node_processes_max_threads", "Limit of threads in the system").add(*max_threads_);
}

}  // namespace livedata::collect::host
