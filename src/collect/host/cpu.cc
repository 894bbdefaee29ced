#include "collect/host/cpu.h"

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::array<std::string_view, 8> kModeNames = {"user",   "nice", "system",  "idle",
                                                        "iowait", "irq",  "softirq", "steal"};

CpuCollector::Times difference(const CpuCollector::Times& before, const CpuCollector::Times& now) {
  CpuCollector::Times passed{};
  for (std::size_t mode = 0; mode < passed.size(); ++mode)
    passed[mode] = counter_increase(before[mode], now[mode]);
  return passed;
}

std::uint64_t total(const CpuCollector::Times& times) {
  std::uint64_t sum = 0;
  for (std::size_t mode = 0; mode < kModeNames.size(); ++mode) sum += times[mode];
  return sum;
}

/// Shares of the time that has passed, in percent.
class Shares {
 public:
  explicit Shares(const CpuCollector::Times& passed)
      : passed_(passed), total_(static_cast<double>(total(passed))) {}
  [[nodiscard]] bool empty() const { return total_ <= 0; }
  [[nodiscard]] double of(CpuCollector::Mode mode) const {
    return percent(static_cast<double>(passed_[mode]), total_);
  }
  [[nodiscard]] double busy() const {
    const auto idle = static_cast<double>(passed_[CpuCollector::kIdle]) +
                      static_cast<double>(passed_[CpuCollector::kIowait]);
    return percent(total_ - idle, total_);
  }
  [[nodiscard]] double guest() const {
    return percent(static_cast<double>(passed_[CpuCollector::kGuest]) +
                       static_cast<double>(passed_[CpuCollector::kGuestNice]),
                   total_);
  }

 private:
  const CpuCollector::Times& passed_;
  double total_;
};

}  // namespace

CpuCollector::CpuCollector(HostSource& source, std::uint64_t core_rounds)
    : source_(source),
      stat_(source.open("/proc/stat")),
      ticks_per_second_(source.ticks_per_second()),
      core_rounds_(core_rounds),
      schedstat_(source.open("/proc/schedstat")) {}

void CpuCollector::parse(std::string_view text) {
  before_ = now_;
  cores_.begin_round();
  for (TextScanner lines(text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string_view name = words.word();
    if (name.starts_with("cpu")) {
      if (Core* core = cores_.next(name.substr(3))) {
        for (std::uint64_t& time : core->now) time = words.number();
      }
    } else if (name == "intr") {
      now_.interrupts = words.number();
    } else if (name == "ctxt") {
      now_.context_switches = words.number();
    } else if (name == "processes") {
      now_.forks = words.number();
    } else if (name == "btime") {
      boot_time_ = words.number();
    } else if (name == "procs_running") {
      running_ = words.number();
    } else if (name == "procs_blocked") {
      blocked_ = words.number();
    }
  }
  cores_.end_round();
}

bool CpuCollector::sample(const Sample& sample) {
  const auto text = stat_->read();
  if (!text || !text->starts_with("cpu")) return false;
  parse(*text);
  add_all(sample, interval_.next(sample.steady));
  if (rounds_ % core_rounds_ == 0 || rounds_ == 1) add_cores(sample);
  ++rounds_;
  return true;
}

void CpuCollector::add_all(const Sample& sample, double seconds) {
  if (cores_.empty() || seconds <= 0) return;
  const Core& all = cores_.begin()->second;  // "" is the first
  const Times passed = difference(all.before, all.now);
  const Shares shares(passed);
  if (shares.empty() || !all.has_before) return;
  const auto rate = [seconds](std::uint64_t before, std::uint64_t now) {
    return rounded(static_cast<double>(counter_increase(before, now)) / seconds);
  };
  sample.add(
      "cpu",
      {Field{"busy_percent", shares.busy()}, Field{"user_percent", shares.of(kUser)},
       Field{"nice_percent", shares.of(kNice)}, Field{"system_percent", shares.of(kSystem)},
       Field{"idle_percent", shares.of(kIdle)}, Field{"iowait_percent", shares.of(kIowait)},
       Field{"irq_percent", shares.of(kIrq)}, Field{"softirq_percent", shares.of(kSoftirq)},
       Field{"steal_percent", shares.of(kSteal)}, Field{"guest_percent", shares.guest()},
       Field{"cores", static_cast<std::int64_t>(cores_.size()) - 1},
       Field{"running", as_int(running_)}, Field{"blocked", as_int(blocked_)},
       Field{"context_switches_per_second", rate(before_.context_switches, now_.context_switches)},
       Field{"interrupts_per_second", rate(before_.interrupts, now_.interrupts)},
       Field{"forks_per_second", rate(before_.forks, now_.forks)}});
}

void CpuCollector::add_cores(const Sample& sample) {
  read_frequencies();
  read_schedule();
  core_records_.begin_round();
  for (const auto& [name, core] : cores_) {
    auto* const record = name.empty() ? nullptr : core_records_.next(name);
    if (record == nullptr) continue;
    record->now = core.now;
    const Times passed = difference(record->before, record->now);
    const Shares shares(passed);
    if (!record->has_before || shares.empty()) continue;
    std::array fields = {
        Field{"core", to_number<std::int64_t>(name)}, Field{"busy_percent", shares.busy()},
        Field{"user_percent", shares.of(kUser)},      Field{"nice_percent", shares.of(kNice)},
        Field{"system_percent", shares.of(kSystem)},  Field{"iowait_percent", shares.of(kIowait)},
        Field{"irq_percent", shares.of(kIrq)},        Field{"softirq_percent", shares.of(kSoftirq)},
        Field{"steal_percent", shares.of(kSteal)},    Field{"frequency_hertz", std::int64_t{0}}};
    std::size_t count = fields.size() - 1;
    const auto frequency = frequencies_.find(name);
    if (frequency != frequencies_.end() && frequency->second.hertz > 0)
      fields[count++].value = as_int(frequency->second.hertz);
    sample.add("cpu_core", std::span<const Field>(fields).first(count));
  }
  core_records_.end_round();
}

void CpuCollector::find_frequencies() {
  std::string buffer;
  const auto hertz_of = [&](const std::string& path) {
    const auto text = source_.read(path, buffer);
    return text ? to_number<std::uint64_t>(*text) * 1000 : 0;
  };
  for (const auto& [name, core] : cores_) {
    if (name.empty()) continue;
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu{}/cpufreq", name);
    std::string path = fmt::format("{}/scaling_cur_freq", folder);
    Frequency frequency;
    if (source_.read(path, buffer)) {
      frequency.file = source_.open(std::move(path));
      frequency.least = hertz_of(fmt::format("{}/scaling_min_freq", folder));
      frequency.most = hertz_of(fmt::format("{}/scaling_max_freq", folder));
    }
    frequencies_.emplace(name, std::move(frequency));
  }
}

/// cpu0 and nine numbers, of which the last three are times in ns and a count.
void CpuCollector::read_schedule() {
  schedule_.clear();
  const auto text = schedstat_->read();
  if (!text) return;
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string_view name = words.word();
    if (!name.starts_with("cpu") || name.size() == 3) continue;
    constexpr std::size_t kBefore = 6;
    words.skip(kBefore);
    Schedule schedule;
    schedule.running_ns = words.number();
    schedule.waiting_ns = words.number();
    schedule.timeslices = words.number();
    schedule_.emplace(name.substr(3), schedule);
  }
}

void CpuCollector::read_frequencies() {
  if (frequencies_.empty()) find_frequencies();
  for (auto& [name, frequency] : frequencies_) {
    if (frequency.file == nullptr) continue;
    const auto text = frequency.file->read();
    frequency.hertz = text ? to_number<std::uint64_t>(*text) * 1000 : 0;
  }
}

void CpuCollector::expose_schedule(Exposition& page) const {
  page.counter("node_schedstat_running_seconds_total",
               "Number of seconds CPU spent running a process.");
  for (const auto& [cpu, schedule] : schedule_)
    page.add({{"cpu", cpu}}, static_cast<double>(schedule.running_ns) / 1e9);
  page.counter("node_schedstat_waiting_seconds_total",
               "Number of seconds spent by processing waiting for this CPU.");
  for (const auto& [cpu, schedule] : schedule_)
    page.add({{"cpu", cpu}}, static_cast<double>(schedule.waiting_ns) / 1e9);
  page.counter("node_schedstat_timeslices_total", "Number of timeslices executed by CPU.");
  for (const auto& [cpu, schedule] : schedule_) page.add({{"cpu", cpu}}, schedule.timeslices);
}

void CpuCollector::expose(Exposition& page) const {
  if (cores_.empty()) return;
  page.counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.");
  for (const auto& [cpu, core] : cores_) {
    for (std::size_t mode = 0; !cpu.empty() && mode < kModeNames.size(); ++mode) {
      page.add({{"cpu", cpu}, {"mode", kModeNames[mode]}},
               static_cast<double>(core.now[mode]) / ticks_per_second_);
    }
  }
  page.counter("node_cpu_guest_seconds_total",
               "Seconds the CPUs spent in guests (VMs) for each mode.");
  for (const auto& [cpu, core] : cores_) {
    if (cpu.empty()) continue;
    page.add({{"cpu", cpu}, {"mode", "nice"}},
             static_cast<double>(core.now[kGuestNice]) / ticks_per_second_);
    page.add({{"cpu", cpu}, {"mode", "user"}},
             static_cast<double>(core.now[kGuest]) / ticks_per_second_);
  }
  page.gauge("node_cpu_scaling_frequency_hertz", "Current scaled CPU thread frequency in hertz.");
  for (const auto& [cpu, frequency] : frequencies_) {
    if (frequency.hertz > 0) page.add({{"cpu", cpu}}, frequency.hertz);
  }
  page.gauge("node_cpu_scaling_frequency_min_hertz",
             "Minimum scaled CPU thread frequency in hertz.");
  for (const auto& [cpu, frequency] : frequencies_) {
    if (frequency.least > 0) page.add({{"cpu", cpu}}, frequency.least);
  }
  page.gauge("node_cpu_scaling_frequency_max_hertz",
             "Maximum scaled CPU thread frequency in hertz.");
  for (const auto& [cpu, frequency] : frequencies_) {
    if (frequency.most > 0) page.add({{"cpu", cpu}}, frequency.most);
  }
  expose_schedule(page);
  page.counter("node_context_switches_total", "Total number of context switches.")
      .add(now_.context_switches);
  page.counter("node_intr_total", "Total number of interrupts serviced.").add(now_.interrupts);
  page.counter("node_forks_total", "Total number of forks.").add(now_.forks);
  page.gauge("node_procs_running", "Number of processes in runnable state.").add(running_);
  page.gauge("node_procs_blocked", "Number of processes blocked waiting for I/O to complete.")
      .add(blocked_);
  page.gauge("node_boot_time_seconds", "Node boot time, in unixtime.").add(boot_time_);
}

}  // namespace livedata::collect::host
