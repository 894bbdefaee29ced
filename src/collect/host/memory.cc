#include "collect/host/memory.h"

#include <array>

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

// Those that node_exporter shows by default (vmstat_linux.go).
constexpr std::array<std::string_view, VmstatCollector::kCounters> kVmstat = {
    "oom_kill", "pgfault", "pgmajfault", "pgpgin", "pgpgout", "pswpin", "pswpout", "pgscan_direct"};
enum Vmstat { kOomKill, kFault, kMajorFault, kPageIn, kPageOut, kSwapIn, kSwapOut, kScanDirect };

struct MeminfoLine {
  std::string_view name;
  std::uint64_t value = 0;
  bool in_bytes = false;  ///< else a number of pages or so
};

/// "MemTotal:  123 kB"
MeminfoLine parse_meminfo(std::string_view line) {
  TextScanner scan(line);
  MeminfoLine parsed;
  parsed.name = scan.until(':');
  parsed.value = scan.number();
  parsed.in_bytes = scan.word() == "kB";
  if (parsed.in_bytes) parsed.value *= 1024;
  return parsed;
}

}  // namespace

bool MemoryCollector::sample(const Sample& sample) {
  const auto text = meminfo_->read();
  text_.clear();
  if (!text) return false;
  struct Entry {
    std::string_view name;
    std::string_view field;
    std::int64_t bytes = 0;
    bool known = false;
  };
  std::array entries = {Entry{"MemTotal", "total_bytes"},
                        Entry{"MemAvailable", "available_bytes"},
                        Entry{"MemFree", "free_bytes"},
                        Entry{"Buffers", "buffers_bytes"},
                        Entry{"Cached", "cached_bytes"},
                        Entry{"SwapTotal", "swap_total_bytes"},
                        Entry{"SwapFree", ""},
                        Entry{"Dirty", "dirty_bytes"},
                        Entry{"Writeback", "writeback_bytes"},
                        Entry{"AnonPages", "anonymous_bytes"},
                        Entry{"Mapped", "mapped_bytes"},
                        Entry{"Shmem", "shared_bytes"},
                        Entry{"SReclaimable", "reclaimable_bytes"},
                        Entry{"SUnreclaim", "unreclaimable_bytes"},
                        Entry{"PageTables", "page_tables_bytes"},
                        Entry{"KernelStack", "kernel_stack_bytes"},
                        Entry{"CommitLimit", "commit_limit_bytes"},
                        Entry{"Committed_AS", "committed_bytes"}};
  for (TextScanner lines(*text); !lines.done();) {
    const MeminfoLine line = parse_meminfo(lines.line());
    for (Entry& entry : entries) {
      if (entry.name != line.name) continue;
      entry.bytes = as_int(line.value);
      entry.known = true;
    }
  }
  const Entry& total = entries[0];
  Entry& available = entries[1];
  if (total.bytes == 0) return false;
  text_ = *text;
  if (!available.known) {  // before Linux 3.14
    available.bytes = entries[2].bytes + entries[3].bytes + entries[4].bytes;
    available.known = true;
  }
  const std::int64_t used = total.bytes - available.bytes;
  std::array<Field, entries.size() + 3> fields = {
      Field{"used_bytes", used},
      Field{"used_percent", percent(static_cast<double>(used), static_cast<double>(total.bytes))},
      Field{"swap_used_bytes", entries[5].bytes - entries[6].bytes}};
  std::size_t count = 3;
  for (const Entry& entry : entries) {
    if (entry.known && !entry.field.empty()) fields[count++] = Field{entry.field, entry.bytes};
  }
  sample.add("memory", std::span<const Field>(fields).first(count));
  return true;
}

void MemoryCollector::expose(Exposition& page) const {
  for (TextScanner lines(text_); !lines.done();) {
    const MeminfoLine line = parse_meminfo(lines.line());
    if (line.name.empty()) continue;
    // Active(anon) is node_memory_Active_anon_bytes.
    std::string name = "node_memory_";
    for (const char c : line.name) {
      const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (good || c == '(' || c == '_') name += good ? c : '_';
    }
    if (line.in_bytes) name += "_bytes";
    const std::string help = fmt::format("Memory information field {}.", name.substr(12));
    page.gauge(name, help).add(line.value);
  }
}

bool VmstatCollector::sample(const Sample& sample) {
  const auto text = vmstat_->read();
  const Reading before = now_;
  now_ = {};
  if (!text) return false;
  const double seconds = interval_.next(sample.steady);
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string_view name = words.word();
    if (!name.starts_with('p') && !name.starts_with('o')) continue;
    for (std::size_t i = 0; i < kCounters; ++i) {
      if (kVmstat[i] != name) continue;
      now_.value[i] = words.number();
      now_.known[i] = true;
    }
  }
  if (!now_.known[kFault]) return false;
  if (seconds <= 0 || !before.known[kFault]) return true;
  const auto increase = [&](Vmstat i) {
    return static_cast<double>(counter_increase(before.value[i], now_.value[i]));
  };
  const auto rate = [&](Vmstat i, double unit = 1) {
    return rounded(increase(i) * unit / seconds);
  };
  constexpr double kKilobyte = 1024;  // pgpgin and pgpgout count them
  sample.add("vmstat", {Field{"faults_per_second", rate(kFault)},
                        Field{"major_faults_per_second", rate(kMajorFault)},
                        Field{"paged_in_bytes_per_second", rate(kPageIn, kKilobyte)},
                        Field{"paged_out_bytes_per_second", rate(kPageOut, kKilobyte)},
                        Field{"swapped_in_pages_per_second", rate(kSwapIn)},
                        Field{"swapped_out_pages_per_second", rate(kSwapOut)},
                        Field{"direct_scans_per_second", rate(kScanDirect)},
                        Field{"oom_kills", static_cast<std::int64_t>(increase(kOomKill))}});
  return true;
}

void VmstatCollector::expose(Exposition& page) const {
  for (std::size_t i = 0; i < kScanDirect; ++i) {
    if (!now_.known[i]) continue;
    const std::string name = fmt::format("node_vmstat_{}", kVmstat[i]);
    const std::string help = fmt::format("/proc/vmstat information field {}.", kVmstat[i]);
    page.family(name, MetricType::kUntyped, help).add(now_.value[i]);
  }
}

}  // namespace livedata::collect::host
