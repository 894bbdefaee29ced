#include "cli/top/record_figures.h"

#include <charconv>
#include <cmath>

namespace livedata::cli::top {
namespace {

template <class Number>
Number parsed(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <class Number>
struct ToNumber {
  Number operator()(std::string_view text) const { return parsed<Number>(text); }
  Number operator()(std::int64_t value) const { return static_cast<Number>(value); }
  Number operator()(bool value) const { return static_cast<Number>(value ? 1 : 0); }
  Number operator()(double value) const {
    if constexpr (std::is_integral_v<Number>) {
      return std::abs(value) < 9e18 ? static_cast<Number>(value) : 0;
    } else {
      return value;
    }
  }
};

void take_cpu(const MetricRecord& record, HostFigures& host) {
  CpuShares cpu;
  cpu.busy = record.number("busy_percent");
  cpu.user = record.number("user_percent") + record.number("nice_percent");
  cpu.system = record.number("system_percent") + record.number("irq_percent") +
               record.number("softirq_percent");
  cpu.iowait = record.number("iowait_percent");
  cpu.steal = record.number("steal_percent");
  host.cpu = cpu;
}

void take_memory(const MetricRecord& record, HostFigures& host) {
  MemoryFigures memory;
  memory.total = record.number("total_bytes");
  memory.used = record.number("used_bytes");
  memory.cache = record.number("cached_bytes") + record.number("buffers_bytes");
  memory.swap_total = record.number("swap_total_bytes");
  memory.swap_used = record.number("swap_used_bytes");
  host.memory = memory;
}

void take_tasks(const MetricRecord& record, HostFigures& host) {
  TaskFigures tasks;
  tasks.processes = record.integer("processes");
  tasks.threads = record.integer("threads");
  tasks.running = record.integer("running");
  tasks.waiting = record.integer("waiting");
  tasks.zombies = record.integer("zombies");
  host.tasks = tasks;
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [name](std::string_view start) { return name.starts_with(start); });
}

}  // namespace

const FieldValue* MetricRecord::find(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return &field.value;
  }
  return nullptr;
}

double MetricRecord::number(std::string_view name) const {
  const FieldValue* const value = find(name);
  const double number = value == nullptr ? 0 : std::visit(ToNumber<double>{}, *value);
  return std::isfinite(number) ? number : 0;
}

std::int64_t MetricRecord::integer(std::string_view name) const {
  const FieldValue* const value = find(name);
  return value == nullptr ? 0 : std::visit(ToNumber<std::int64_t>{}, *value);
}

std::string_view MetricRecord::text(std::string_view name) const {
  const FieldValue* const value = find(name);
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string_view>(value);
  return text == nullptr ? std::string_view() : *text;
}

void take_record(const MetricRecord& record, HostFigures& host) {
  host.time = std::max(host.time, record.time);
  if (record.source == "cpu") {
    take_cpu(record, host);
  } else if (record.source == "cpu_core") {
    host.cores[record.integer("core")] = record.number("busy_percent");
  } else if (record.source == "load") {
    host.load = LoadFigures{.one = record.number("load1"),
                            .five = record.number("load5"),
                            .fifteen = record.number("load15")};
  } else if (record.source == "memory") {
    take_memory(record, host);
  } else if (record.source == "pressure") {
    host.pressure[std::string(record.text("resource"))] = record.number("some_avg10");
  } else if (record.source == "disk") {
    host.disks[std::string(record.text("device"))] = {
        .read = record.number("read_bytes_per_second"),
        .written = record.number("written_bytes_per_second"),
        .busy_percent = record.number("busy_percent")};
  } else if (record.source == "network") {
    host.networks[std::string(record.text("interface"))] = {
        .received = record.number("received_bytes_per_second"),
        .sent = record.number("sent_bytes_per_second")};
  } else if (record.source == "process_summary") {
    take_tasks(record, host);
  } else if (record.source == "system") {
    host.kernel = record.text("kernel");
    host.uptime_seconds = record.number("uptime_seconds");
  }
}

ProcessFigures process_of(const MetricRecord& record) {
  ProcessFigures process;
  process.pid = record.integer("pid");
  process.parent = record.integer("parent");
  process.start_time = record.integer("start_time");
  process.user = record.text("user");
  process.name = record.text("name");
  process.command = record.text("command");
  const std::string_view state = record.text("state");
  process.state = state.empty() ? '?' : state.front();
  process.cpu_percent = record.number("cpu_percent");
  process.memory_bytes = record.number("memory_bytes");
  process.swap_bytes = record.number("swap_bytes");
  process.threads = record.integer("threads");
  if (record.find("open_files") != nullptr) process.open_files = record.integer("open_files");
  if (record.find("read_bytes_per_second") != nullptr) {
    process.read_rate = record.number("read_bytes_per_second");
    process.written_rate = record.number("written_bytes_per_second");
  }
  process.unit = record.text("unit");
  process.container = record.text("container");
  return process;
}

DiskFigures total(const std::map<std::string, DiskFigures>& disks) {
  DiskFigures sum;
  for (const auto& [device, disk] : disks) {
    // Device mapper and software RAID: what they do is counted again for the disks below.
    if (starts_with_any(device, {"dm-", "md"})) continue;
    sum.read += disk.read;
    sum.written += disk.written;
    sum.busy_percent = std::max(sum.busy_percent, disk.busy_percent);
  }
  return sum;
}

NetworkFigures total(const std::map<std::string, NetworkFigures>& networks) {
  NetworkFigures sum;
  for (const auto& [interface, network] : networks) {
    if (starts_with_any(interface, {"veth", "docker", "br-", "virbr", "cni", "flannel", "bond"}))
      continue;
    sum.received += network.received;
    sum.sent += network.sent;
  }
  return sum;
}

}  // namespace livedata::cli::top
