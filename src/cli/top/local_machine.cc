#include "cli/top/local_machine.h"

#include <unistd.h>

#include <array>

#include "cli/top/record_figures.h"
#include "collect/host/cpu.h"
#include "collect/host/disk.h"
#include "collect/host/load.h"
#include "collect/host/memory.h"
#include "collect/host/network.h"
#include "collect/host/process_groups.h"
#include "collect/host/system.h"
#include "collect/host/text_scan.h"

namespace livedata::cli::top {
namespace {

using namespace collect::host;  // NOLINT(google-build-using-namespace): all of it

constexpr std::uint64_t kSystemRounds = 30;
// Somebody looks: what ran in the last round is read again in each.
constexpr ProcessTable::Pace kPace = {.busy = std::chrono::seconds(0),
                                      .quiet = std::chrono::seconds(0)};

class NoObserver final : public ProcessTable::Observer {
 public:
  void read(const Process& /*process*/, const ProcessStat* /*before*/) override {}
  void exited(const Process& /*process*/) override {}
};

}  // namespace

std::string local_host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "localhost";
}

LocalMachine::LocalMachine() : streams_(local_host_name()), table_(source_, kPace) {
  host_.name = local_host_name();
  const auto add = [this](std::unique_ptr<Collector> collector, std::uint64_t rounds = 1) {
    parts_.push_back({.collector = std::move(collector), .rounds = rounds});
  };
  add(std::make_unique<CpuCollector>(source_, 1));
  add(std::make_unique<LoadCollector>(source_));
  add(std::make_unique<PressureCollector>(source_));
  add(std::make_unique<MemoryCollector>(source_));
  add(std::make_unique<DiskCollector>(source_));
  add(std::make_unique<NetworkCollector>(source_));
  add(std::make_unique<SystemCollector>(source_), kSystemRounds);
}

LocalMachine::~LocalMachine() = default;

void LocalMachine::read_boot_time() {
  const auto stat = source_.open("/proc/stat");
  for (TextScanner lines(stat->read().value_or("")); !lines.done();) {
    TextScanner words(lines.line());
    if (words.word() == "btime") boot_time_ = to_number<TimestampNs>(words.word()) * kNsPerSecond;
  }
}

Snapshot LocalMachine::sample(TimestampNs now, std::chrono::steady_clock::time_point steady) {
  if (boot_time_ == 0) read_boot_time();
  RecordBatch batch;
  const Sample sample{batch, streams_, now, steady};
  for (const Part& part : parts_) {
    if (rounds_ % part.rounds == 0) part.collector->sample(sample);
  }
  ++rounds_;
  host_.disks.clear();
  host_.networks.clear();
  host_.cores.clear();
  for (RowIndex row = 0; row < batch.num_rows(); ++row) {
    const std::vector<Field> fields = batch.fields(row);
    take_record({.source = batch.stream(row).labels.get("source"), .time = now, .fields = fields},
                host_);
  }
  if (boot_time_ > 0)
    host_.uptime_seconds =
        static_cast<double>(now - boot_time_) / static_cast<double>(kNsPerSecond);
  host_.time = now;
  Snapshot snapshot;
  snapshot.host = host_;
  take_processes(steady, snapshot);
  return snapshot;
}

void LocalMachine::take_processes(std::chrono::steady_clock::time_point steady,
                                  Snapshot& snapshot) {
  NoObserver nobody;
  table_.refresh(steady, nobody);
  snapshot.processes.reserve(table_.processes().size());
  TaskFigures tasks;
  for (auto& [pid, process] : table_.processes()) {
    table_.read_details(process, steady);
    snapshot.processes.push_back(figures_of(process));
    ++tasks.processes;
    tasks.threads += process.stat.threads;
    tasks.running += process.stat.state == 'R' ? 1 : 0;
    tasks.waiting += process.stat.state == 'D' ? 1 : 0;
    tasks.zombies += process.stat.state == 'Z' ? 1 : 0;
  }
  snapshot.host.tasks = tasks;
}

ProcessFigures LocalMachine::figures_of(const Process& process) const {
  ProcessFigures figures;
  const ProcessStat& stat = process.stat;
  figures.pid = stat.pid;
  figures.parent = stat.parent;
  figures.start_ticks = stat.start_ticks;
  figures.start_time = boot_time_ + static_cast<TimestampNs>(static_cast<double>(stat.start_ticks) /
                                                             source_.ticks_per_second() * 1e9);
  figures.user = process.user;
  figures.name = stat.name;
  figures.command = process.command;
  figures.state = stat.state;
  figures.cpu_percent = process.cpu_percent;
  figures.memory_bytes = static_cast<double>(stat.resident_pages * source_.page_bytes());
  figures.swap_bytes = static_cast<double>(process.swap_bytes);
  figures.threads = stat.threads;
  if (process.open_files) figures.open_files = as_int(*process.open_files);
  if (process.io) {
    figures.read_rate = process.read_bytes_per_second;
    figures.written_rate = process.written_bytes_per_second;
  }
  figures.unit = process.unit;
  figures.container = process.container;
  return figures;
}

}  // namespace livedata::cli::top
