#include "collect/process.h"

#include <dirent.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace livedata::collect {
namespace {

constexpr std::size_t kTop = 15;
constexpr std::size_t kMaxCommandBytes = 512;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

double ticks_per_second() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');  // the last one: the name may hold others
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return std::nullopt;
  ProcessStat stat;
  stat.pid = static_cast<std::int64_t>(TextScanner(text.substr(0, open)).number());
  stat.name = text.substr(open + 1, close - open - 1);
  TextScanner words(text.substr(close + 1));
  const std::string_view state = words.word();
  if (stat.pid == 0 || state.size() != 1) return std::nullopt;
  stat.state = state.front();
  words.skip(10);  // to field 14 of proc(5)
  stat.ticks = words.number();
  stat.ticks += words.number();
  words.skip(4);
  stat.threads = static_cast<std::int64_t>(words.number());
  words.skip(1);
  stat.start_ticks = words.number();
  words.skip(1);
  stat.resident_pages = words.number();
  return stat;
}

ProcessSampler::ProcessSampler(const ProcSource& source) : proc_(source.proc) {
  const auto stat = read_small_file(proc_ / "stat", 1U << 16U).value_or("");
  for (TextScanner lines(stat); !lines.done();) {
    TextScanner words(lines.line());
    if (words.word() == "btime")
      boot_time_ = static_cast<TimestampNs>(words.number()) * kNsPerSecond;
  }
}

std::vector<ProcessSampler::Process> ProcessSampler::read_all(double seconds) {
  std::vector<Process> processes;
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(proc_.c_str()));
  if (folder == nullptr) return processes;
  std::unordered_map<std::int64_t, Known> now;
  const double hertz = ticks_per_second();
  while (const dirent* entry =
             ::readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe): own folder handle
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    const auto text = read_small_file(proc_ / entry->d_name / "stat", 1024);
    auto stat = text ? parse_process_stat(*text) : std::nullopt;
    if (!stat) continue;  // it has ended meanwhile
    now[stat->pid] = {stat->ticks, stat->start_ticks};
    const auto before = known_.find(stat->pid);
    const bool same = before != known_.end() && before->second.start_ticks == stat->start_ticks;
    Process process;
    if (same && seconds > 0) {
      const auto used = static_cast<double>(counter_increase(before->second.ticks, stat->ticks));
      process.cpu_percent = rounded(100 * used / hertz / seconds);
    }
    process.stat = *std::move(stat);
    processes.push_back(std::move(process));
  }
  known_ = std::move(now);
  return processes;
}

bool ProcessSampler::sample(const Sample& sample) {
  const double seconds = interval_.next(sample.steady);
  std::vector<Process> processes = read_all(seconds);
  if (processes.empty()) return false;
  if (seconds <= 0) return true;
  const std::size_t top = std::min(kTop, processes.size());
  const auto middle = processes.begin() + static_cast<std::ptrdiff_t>(top);
  std::partial_sort(
      processes.begin(), middle, processes.end(),
      [](const Process& a, const Process& b) { return a.cpu_percent > b.cpu_percent; });
  for (auto it = processes.begin(); it != middle; ++it) add(*it, sample);
  // Of the others, those with most memory.
  const auto end = middle + static_cast<std::ptrdiff_t>(std::min(kTop, processes.size() - top));
  std::partial_sort(middle, end, processes.end(), [](const Process& a, const Process& b) {
    return a.stat.resident_pages > b.stat.resident_pages;
  });
  for (auto it = middle; it != end && it->stat.resident_pages > 0; ++it) add(*it, sample);
  return true;
}

void ProcessSampler::add(const Process& process, const Sample& sample) {
  const Path folder = proc_ / std::to_string(process.stat.pid);
  struct stat status{};
  const bool known_owner = ::stat(folder.c_str(), &status) == 0;
  std::string command = read_small_file(folder / "cmdline", kMaxCommandBytes).value_or("");
  while (command.ends_with('\0')) command.pop_back();
  std::replace(command.begin(), command.end(), '\0', ' ');
  if (command.empty()) command = "[" + process.stat.name + "]";  // a kernel thread
  const std::string state(1, process.stat.state);
  const auto start =
      boot_time_ + static_cast<TimestampNs>(static_cast<double>(process.stat.start_ticks) /
                                            ticks_per_second() * 1e9);
  const std::array fields = {
      Field{"pid", process.stat.pid},
      Field{"user", known_owner ? std::string_view(user_name(status.st_uid)) : std::string_view()},
      Field{"name", std::string_view(process.stat.name)},
      Field{"command", std::string_view(command)},
      Field{"cpu_percent", process.cpu_percent},
      Field{"memory_bytes",
            static_cast<std::int64_t>(process.stat.resident_pages) * ::sysconf(_SC_PAGESIZE)},
      Field{"threads", process.stat.threads},
      Field{"state", std::string_view(state)},
      Field{"start_time", start}};
  sample.add("process", fields);
}

const std::string& ProcessSampler::user_name(unsigned uid) {
  const auto [slot, is_new] = user_names_.try_emplace(uid, std::to_string(uid));
  if (is_new) {
    std::array<char, 4096> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
      slot->second = entry.pw_name;
  }
  return slot->second;
}

}  // namespace livedata::collect
