#include "collect/host/host_metrics.h"

#include <array>
#include <ctime>

#include "base/nearest_name.h"
#include "collect/host/cgroup.h"
#include "collect/host/cpu.h"
#include "collect/host/disk.h"
#include "collect/host/filesystem.h"
#include "collect/host/load.h"
#include "collect/host/memory.h"
#include "collect/host/network.h"
#include "collect/host/process.h"
#include "collect/host/protocol.h"
#include "collect/host/sockets.h"
#include "collect/host/system.h"
#include "collect/host/temperature.h"
#include "collect/host/text_scan.h"
#include "collect/host/units.h"

namespace livedata::collect::host {
namespace {

using std::chrono::seconds;

struct Kind {
  std::string_view name;
  seconds interval;
  std::unique_ptr<Collector> (*make)(HostSource& source);
};

template <class Made>
std::unique_ptr<Collector> make(HostSource& source) {
  return std::make_unique<Made>(source);
}

// In the order in which they run.
constexpr std::array<Kind, 16> kKinds = {{{"cpu", seconds(1), make<CpuCollector>},
                                          {"load", seconds(5), make<LoadCollector>},
                                          {"pressure", seconds(5), make<PressureCollector>},
                                          {"memory", seconds(1), make<MemoryCollector>},
                                          {"vmstat", seconds(5), make<VmstatCollector>},
                                          {"disk", seconds(1), make<DiskCollector>},
                                          {"network", seconds(1), make<NetworkCollector>},
                                          {"protocol", seconds(5), make<ProtocolCollector>},
                                          {"sockets", seconds(10), make<SocketsCollector>},
                                          {"interface", seconds(60), make<InterfaceCollector>},
                                          {"filesystem", seconds(10), make<FilesystemCollector>},
                                          {"temperature", seconds(10), make<TemperatureCollector>},
                                          {"system", seconds(30), make<SystemCollector>},
                                          {"process", seconds(5), make<ProcessCollector>},
                                          {"cgroup", seconds(10), make<CgroupCollector>},
                                          {"systemd", seconds(30), make<UnitsCollector>}}};

Result<std::chrono::nanoseconds> parse_interval(std::string_view text) {
  if (text == "off" || text == "0") return std::chrono::nanoseconds(0);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const std::int64_t milliseconds = unit == "ms"  ? 1
                                    : unit == "s" ? 1000
                                    : unit == "m" ? 60'000
                                    : unit == "h" ? 3'600'000
                                                  : 0;
  constexpr std::int64_t kMaxHours = 24;
  if (error != std::errc() || milliseconds == 0 || number <= 0 ||
      number > kMaxHours * 3'600'000 / milliseconds || number * milliseconds < 1000) {
    return fail(ErrorCode::kInvalidArgument,
                "'{}' is not a time from 1s to {}h, such as 5s or 1m, or off", text, kMaxHours);
  }
  return std::chrono::milliseconds(number * milliseconds);
}

}  // namespace

double thread_cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

const std::vector<std::pair<std::string_view, seconds>>& HostMetrics::collectors() {
  static const auto kAll = [] {
    std::vector<std::pair<std::string_view, seconds>> all;
    for (const Kind& kind : kKinds) all.emplace_back(kind.name, kind.interval);
    return all;
  }();
  return kAll;
}

Result<Intervals> parse_intervals(std::string_view text) {
  Intervals intervals;
  std::vector<std::string_view> names;
  for (const Kind& kind : kKinds) names.push_back(kind.name);
  std::string words(text);
  std::replace(words.begin(), words.end(), ',', ' ');
  TextScanner scan(words);
  for (std::string_view word = scan.word(); !word.empty(); word = scan.word()) {
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return fail(ErrorCode::kInvalidArgument, "there is no collector '{}'; did you mean '{}'?",
                  name, nearest_name(name, names));
    }
    if (equals == std::string_view::npos)
      return fail(ErrorCode::kInvalidArgument, "'{}' lacks its interval, such as {}=5s", word,
                  word);
    LIVEDATA_TRY(const auto interval, parse_interval(word.substr(equals + 1)));
    intervals.insert_or_assign(std::string(name), interval);
  }
  return intervals;
}

HostMetrics::HostMetrics(HostMetricsOptions options, std::unique_ptr<HostSource> source,
                         Logger& logger)
    : logger_(logger),
      source_(std::move(source)),
      streams_(std::move(options.host)),
      pacer_(options.cpu_budget) {
  for (const Kind& kind : kKinds) {
    const auto own = options.intervals.find(kind.name);
    const std::chrono::nanoseconds interval =
        own == options.intervals.end() ? std::chrono::nanoseconds(kind.interval) : own->second;
    if (interval.count() == 0) continue;
    Entry entry;
    entry.name = kind.name;
    entry.collector = kind.make(*source_);
    entries_.push_back(std::move(entry));
    pacer_.add(std::string(kind.name), interval);
  }
}

HostMetrics::~HostMetrics() = default;

RecordBatch HostMetrics::collect(TimestampNs now, std::chrono::steady_clock::time_point steady) {
  RecordBatch batch;
  const Sample sample{batch, streams_, now, steady};
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const MutexLock lock(mutex_);  // let go in between, so that render() need not wait for all
    if (pacer_.is_due(i, steady)) run(i, sample);
  }
  return batch;
}

RecordBatch HostMetrics::collect_these(std::span<const std::string_view> names, TimestampNs now,
                                       std::chrono::steady_clock::time_point steady) {
  RecordBatch batch;
  const Sample sample{batch, streams_, now, steady};
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (std::find(names.begin(), names.end(), entries_[i].name) == names.end()) continue;
    const MutexLock lock(mutex_);
    run(i, sample);
  }
  return batch;
}

void HostMetrics::run(std::size_t i, const Sample& sample) {
  Entry& entry = entries_[i];
  const double before = thread_cpu_seconds();
  entry.good = entry.collector->sample(sample);
  pacer_.ran(i, thread_cpu_seconds() - before);
  if (entry.good) {
    missing_.erase(entry.name);
  } else if (missing_.insert(entry.name).second) {
    // One notice; a machine need not have sensors, containers or systemd.
    logger_.info("there is nothing to collect for '{}' here; it is left out", entry.name);
  }
}

void HostMetrics::stored(double cpu_seconds) {
  const MutexLock lock(mutex_);
  constexpr double kNewest = 0.05;  // storing is cheap most of the time, and sometimes flushes
  ++stores_;
  store_seconds_ += cpu_seconds;
  store_cost_ += kNewest * (cpu_seconds - store_cost_);
  pacer_.set_overhead(store_cost_);  // once a second
}

std::string HostMetrics::render() const {
  Exposition page;
  expose(page);
  return page.take();
}

void HostMetrics::expose(Exposition& page) const {
  const MutexLock lock(mutex_);
  const double before = thread_cpu_seconds();
  for (const Entry& entry : entries_) {
    if (entry.good) entry.collector->expose(page);
  }
  page.gauge("livedata_host_collector_success",
             "Whether a collector could read its source the last time.");
  for (const Entry& entry : entries_) page.add({{"collector", entry.name}}, entry.good ? 1 : 0);
  // The same in node_exporter's words, and what it says of a collector that we don't have.
  page.gauge("node_scrape_collector_success", "Whether a collector succeeded.");
  for (const Entry& entry : entries_) page.add({{"collector", entry.name}}, entry.good ? 1 : 0);
  page.gauge("node_scrape_collector_duration_seconds", "Duration of a collector scrape.");
  for (const Pacer::Task& task : pacer_.tasks())
    page.add({{"collector", task.name}}, task.cost_seconds);
  page.gauge("node_textfile_scrape_error",
             "1 if there was an error opening or reading a file, 0 otherwise")
      .add(0);
  render_seconds_ += thread_cpu_seconds() - before;
  ++renders_;
}

std::vector<CollectCost> HostMetrics::costs() const {
  const MutexLock lock(mutex_);
  std::vector<CollectCost> costs;
  for (const Pacer::Task& task : pacer_.tasks()) {
    costs.push_back({.collector = task.name,
                     .seconds = task.total_seconds,
                     .interval_seconds = std::chrono::duration<double>(task.paced_interval).count(),
                     .runs = task.runs,
                     .skipped = task.skipped});
  }
  costs.push_back({.collector = "store",
                   .seconds = store_seconds_,
                   .interval_seconds = 1,
                   .runs = stores_,
                   .skipped = 0});
  costs.push_back({.collector = "exposition",
                   .seconds = render_seconds_,
                   .interval_seconds = 0,
                   .runs = renders_,
                   .skipped = 0});
  return costs;
}

std::set<std::string> HostMetrics::missing() const {
  const MutexLock lock(mutex_);
  return missing_;
}

}  // namespace livedata::collect::host
