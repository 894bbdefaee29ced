#include "collect/remote/host_feed.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/hash.h"
#include "collect/host/process_stat.h"
#include "collect/host/text_scan.h"
#include "collect/remote/answers.h"
#include "collect/remote/far_side.h"

namespace livedata::collect::remote {
namespace {

using host::TextScanner;
using host::trimmed;
using std::chrono::seconds;

constexpr std::size_t kMaxProcesses = 20'000;
constexpr std::size_t kMaxMounts = 100;
constexpr std::size_t kDetailsAtOnce = 100;
constexpr std::size_t kRefreshedAtOnce = 50;
constexpr std::size_t kMaxCommand = 2000;
constexpr std::uint64_t kDetailsRounds = 6;  // at 10 s: a minute
constexpr std::uint64_t kBusyTicks = 10;     // in a round: 1 % of a core

struct Schedule {
  HostFeed::Topic topic;
  seconds period;  ///< 0: every time
  std::string_view command;
  std::array<std::string_view, 6> collectors;  ///< that read the answer
};
using Topic = HostFeed::Topic;
constexpr std::array<Schedule, 10> kSchedule = {{
    {Topic::kFast,
     seconds(0),
     request::kFast,
     {"cpu", "load", "pressure", "memory", "disk", "network"}},
    {Topic::kProcesses, seconds(10), request::kProcesses, {"process"}},
    {Topic::kMedium, seconds(10), request::kMedium, {"vmstat", "protocol"}},
    {Topic::kTcp, seconds(30), request::kTcp, {"sockets"}},
    {Topic::kTemperatures, seconds(30), request::kTemperatures, {"temperature"}},
    {Topic::kCgroups, seconds(30), request::kCgroups, {"cgroup"}},
    {Topic::kSystem, seconds(60), request::kSystem, {"system"}},
    {Topic::kDisks, seconds(60), "", {"filesystem"}},
    {Topic::kInterfaces, seconds(60), request::kInterfaces, {"interface"}},
    {Topic::kUnits, seconds(60), request::kUnits, {"systemd"}},
}};

/// The lines of /proc/PID/status that collectors read; there are many processes.
std::string short_status(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kKept = {"Uid:", "VmSwap:", "voluntary_",
                                                            "nonvoluntary_"};
  std::string out;
  for (TextScanner lines(text); !lines.done();) {
    const std::string_view line = lines.line();
    if (std::none_of(kKept.begin(), kKept.end(),
                     [line](std::string_view kept) { return line.starts_with(kept); }))
      continue;
    out += line;
    out += '\n';
  }
  return out;
}

bool is_process_file(std::string_view path, std::string_view name) {
  return path.starts_with("/proc/") && path.size() > 6 && path[6] >= '0' && path[6] <= '9' &&
         path.ends_with(name);
}

}  // namespace

HostFeed::HostFeed(std::string host, std::chrono::nanoseconds interval, Logger& logger)
    : host_(std::move(host)), interval_(interval), logger_(logger) {}

void HostFeed::begin_session() {
  is_introduced_ = false;
  first_files_ = std::make_unique<host::SnapshotSource>();
  fresh_.clear();
  refreshed_.clear();
  commands_.clear();
  due_.clear();
  next_ = {};
}

std::vector<HostFeed::Request> HostFeed::requests(Time now) {
  std::vector<Request> out;
  if (!is_introduced_) {
    is_introduced_ = true;
    out.push_back({Topic::kConstants, std::string(request::kConstants)});
    out.push_back({Topic::kIdentity, std::string(request::kIdentity)});
    next_ = now;
    return out;
  }
  if (!commands_.empty()) {
    out.push_back({Topic::kCommands, request::commands(commands_)});
    commands_.clear();
    return out;
  }
  if (!fresh_.empty() || !refreshed_.empty()) {
    out.push_back(details_request());
    return out;
  }
  if (now < next_) return out;
  next_ = std::max(next_ + interval_, now + interval_ / 2);
  for (const Schedule& each : kSchedule) {
    Time& due = due_[static_cast<std::uint8_t>(each.topic)];
    // A beat that is a bit early is in time.
    if (now + interval_ / 4 < due) continue;
    due = now + each.period;
    if (each.topic != Topic::kDisks) {
      out.push_back({each.topic, std::string(each.command)});
    } else if (!mounts_.empty()) {
      out.push_back({each.topic, request::disk_usage(mounts_)});
    } else {
      due = now;  // when mounts are known
    }
  }
  return out;
}

HostFeed::Request HostFeed::details_request() {
  std::vector<std::int64_t> pids;
  std::swap(pids, refreshed_);
  while (!fresh_.empty() && commands_.size() < kDetailsAtOnce) {
    commands_.push_back(fresh_.back());
    pids.push_back(fresh_.back());
    fresh_.pop_back();
  }
  return {Topic::kDetails, request::details(pids)};
}

RecordBatch HostFeed::take(Topic topic, std::string_view body, TimestampNs now) {
  if (topic == Topic::kConstants) take_constants(body);
  if (topic == Topic::kIdentity) take_identity(body);
  if (source_ == nullptr || topic == Topic::kConstants || topic == Topic::kIdentity) return {};
  switch (topic) {
    case Topic::kProcesses:
      take_processes(body);
      break;
    case Topic::kDisks:
      take_disks(body);
      break;
    case Topic::kTcp:
      if (const auto states = parse_tcp_states(body)) source_->put_tcp_states(*states);
      break;
    case Topic::kUnits:
      source_->put("/answers/units", std::string(body));
      break;
    case Topic::kCgroups:
      source_->remove("/sys/fs/cgroup/");
      take_files(body, *source_);
      break;
    case Topic::kInterfaces:
      source_->remove("/sys/class/net/");
      take_files(body, *source_);
      break;
    default:
      take_files(body, *source_);
  }
  return collect(topic, now);
}

RecordBatch HostFeed::collect(Topic topic, TimestampNs now) {
  const auto* const found = std::find_if(kSchedule.begin(), kSchedule.end(),
                                         [topic](const Schedule& s) { return s.topic == topic; });
  if (found == kSchedule.end() || metrics_ == nullptr) return {};
  // The machine's own clock since its start: a slow way here must not make rates jump.
  RecordBatch batch = metrics_->collect_these(found->collectors, now, Time(uptime_));
  if (topic == Topic::kProcesses) choose_processes();
  return batch;
}

void HostFeed::take_files(std::string_view body, host::SnapshotSource& source) {
  for_each_file(body, [&](std::string_view path, std::string_view content) {
    const std::string name(path);
    if (path == "/proc/uptime") {
      uptime_ = std::chrono::nanoseconds(
          static_cast<std::int64_t>(std::clamp(TextScanner(content).decimal(), 0.0, 1e9) * 1e9));
      source.put(name, std::string(content));
    } else if (path == "/proc/self/mounts") {
      mounts_ = local_mounts(content, kMaxMounts);
      source.put(name, without_network_mounts(content));
    } else if (is_process_file(path, "/status")) {
      source.put(name, short_status(content));
    } else {
      source.put(name, std::string(content));
    }
  });
}

void HostFeed::take_constants(std::string_view body) {
  if (first_files_ == nullptr) return;
  TextScanner lines(body);
  const auto ticks = host::to_number<std::uint64_t>(trimmed(lines.line()));
  const auto page = host::to_number<std::uint64_t>(trimmed(lines.line()));
  const std::string_view machine = trimmed(lines.line());
  constexpr std::uint64_t kMaxTicks = 10'000;
  constexpr std::uint64_t kMaxPage = 1U << 20U;
  first_files_->put_clock(ticks > 0 && ticks <= kMaxTicks ? static_cast<double>(ticks) : 100,
                          page >= 512 && page <= kMaxPage ? page : 4096);
  first_files_->put("/proc/sys/kernel/arch", std::string(machine.substr(0, 64)));
}

/// The same machine since the same start goes on as it was: counters go on, too.
void HostFeed::take_identity(std::string_view body) {
  if (first_files_ == nullptr) return;
  take_files(body, *first_files_);
  std::string buffer;
  const std::string boot_id(
      trimmed(first_files_->read("/proc/sys/kernel/random/boot_id", buffer).value_or("")));
  if (metrics_ != nullptr && boot_id == boot_id_) {
    first_files_.reset();
    return;
  }
  boot_id_ = boot_id;
  processes_.clear();
  mounts_.clear();
  host::HostMetricsOptions options;
  options.host = host_;
  options.cpu_budget = 1;
  source_ = first_files_.get();
  metrics_ =
      std::make_unique<host::HostMetrics>(std::move(options), std::move(first_files_), logger_);
}

void HostFeed::take_processes(std::string_view body) {
  ++round_;
  host::ProcessStat stat;
  std::size_t count = 0;
  for (TextScanner lines(body); !lines.done() && count < kMaxProcesses;) {
    const std::string_view line = lines.line();
    if (!host::parse_process_stat(line, stat) || stat.pid <= 0) continue;
    ++count;
    const std::uint64_t name = hash64(stat.name);
    KnownProcess& known = processes_[stat.pid];
    if (known.round == 0 || known.start_ticks != stat.start_ticks || known.name_hash != name) {
      known = {};
      known.fresh_round = round_;
      known.start_ticks = stat.start_ticks;
      known.name_hash = name;
      fresh_.push_back(stat.pid);
    }
    known.ticks = stat.user_ticks + stat.system_ticks;
    known.round = round_;
    source_->put(fmt::format("/proc/{}/stat", stat.pid), std::string(line));
  }
  for (auto it = processes_.begin(); it != processes_.end();) {
    if (it->second.round == round_) {
      ++it;
      continue;
    }
    source_->remove(fmt::format("/proc/{}/", it->first));
    it = processes_.erase(it);
  }
}

/// Whose details are asked for again: those that work, and those that have worked for a while.
void HostFeed::choose_processes() {
  std::vector<std::pair<std::uint64_t, std::int64_t>> working;
  for (auto& [pid, known] : processes_) {
    if (known.fresh_round == round_) {
      known.detailed_round = round_;
      known.detailed_ticks = known.ticks;
      continue;
    }
    if (known.fresh_round + 2 == round_) {
      // Collectors have read them; they are asked for again when the process is another program.
      source_->remove(fmt::format("/proc/{}/cmdline", pid));
      source_->remove(fmt::format("/proc/{}/cgroup", pid));
    }
    const std::uint64_t ticks = known.ticks - std::min(known.detailed_ticks, known.ticks);
    const bool is_due = ticks >= kBusyTicks * (round_ - known.detailed_round) ||
                        (ticks > 0 && round_ - known.detailed_round >= kDetailsRounds);
    if (is_due) working.emplace_back(ticks, pid);
  }
  const std::size_t count = std::min(working.size(), kRefreshedAtOnce);
  std::partial_sort(working.begin(), working.begin() + static_cast<std::ptrdiff_t>(count),
                    working.end(), std::greater<>());
  for (std::size_t i = 0; i < count; ++i) {
    KnownProcess& known = processes_[working[i].second];
    known.detailed_round = round_;
    known.detailed_ticks = known.ticks;
    refreshed_.push_back(working[i].second);
  }
}

void HostFeed::take_command(std::int64_t pid, std::string_view body) {
  if (source_ == nullptr || processes_.count(pid) == 0) return;
  source_->put(fmt::format("/proc/{}/cmdline", pid), std::string(body.substr(0, kMaxCommand)));
}

void HostFeed::take_disks(std::string_view body) {
  for (const auto& [mount, usage] : parse_disk_usage(body)) source_->put_filesystem(mount, usage);
}

}  // namespace livedata::collect::remote
