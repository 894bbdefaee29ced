#pragma once

#include "cli/top/model.h"

namespace livedata::cli::top {

constexpr TimestampNs kSampleTime = 1'751'551'402'000'000'000;  // 2025-07-03T14:03:22Z

inline ProcessFigures sample_process(std::int64_t pid, std::int64_t parent, std::string name,
                                     double cpu, double megabytes) {
  ProcessFigures process;
  process.pid = pid;
  process.parent = parent;
  process.start_time = kSampleTime - (1000 - pid) * 60 * kNsPerSecond;
  process.start_ticks = static_cast<std::uint64_t>(pid) * 100;
  process.user = pid < 100 ? "root" : "www-data";
  process.command = "/usr/sbin/" + name + " --flag";
  process.name = std::move(name);
  process.state = 'S';
  process.cpu_percent = cpu;
  process.memory_bytes = megabytes * 1024 * 1024;
  process.threads = pid % 7 + 1;
  return process;
}

/// A machine with four cores and a handful of processes.
inline Snapshot sample_snapshot() {
  Snapshot snapshot;
  HostFigures& host = snapshot.host;
  host.name = "web1";
  host.kernel = "6.1.0";
  host.time = kSampleTime;
  host.uptime_seconds = 3 * 86400 + 4 * 3600;
  host.cpu = CpuShares{.busy = 34.2, .user = 20, .system = 14, .iowait = 4, .steal = 0};
  host.cores = {{0, 40}, {1, 12}, {2, 95}, {3, 0}};
  host.load = LoadFigures{.one = 0.97, .five = 1.66, .fifteen = 2.37};
  host.memory =
      MemoryFigures{.total = 16e9, .used = 4e9, .cache = 6e9, .swap_total = 2e9, .swap_used = 1e8};
  host.pressure = {{"cpu", 1.4}, {"io", 0}};
  host.disks["sda"] = {.read = 1.2e6, .written = 3.4e5, .busy_percent = 3};
  host.networks["eth0"] = {.received = 12e3, .sent = 3e3};
  host.tasks = TaskFigures{.processes = 6, .threads = 20, .running = 1, .waiting = 0, .zombies = 0};
  snapshot.processes = {
      sample_process(1, 0, "systemd", 0.1, 12),    sample_process(50, 1, "nginx", 1.5, 8),
      sample_process(101, 50, "nginx", 30.5, 40),  sample_process(102, 50, "nginx", 12, 42),
      sample_process(200, 1, "postgres", 55, 900), sample_process(300, 1, "sshd", 0, 5)};
  snapshot.processes[4].read_rate = 2e6;
  snapshot.processes[4].written_rate = 1e6;
  return snapshot;
}

inline Model sample_model() {
  Model model;
  model.host = model.local_host = "web1";
  model.now = kSampleTime;
  take_snapshot(model, sample_snapshot());
  return model;
}

}  // namespace livedata::cli::top
