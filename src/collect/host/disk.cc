#include "collect/host/disk.h"

#include <algorithm>

#include <fmt/core.h>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

// diskstats counts in sectors of this size whatever the disk's own is.
constexpr double kSectorBytes = 512;

bool ends_with_digit(std::string_view text) {
  return !text.empty() && text.back() >= '0' && text.back() <= '9';
}

/// node_exporter's default: ^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$
bool is_shown(std::string_view device) {
  if (!ends_with_digit(device)) return true;
  std::string_view name = device;
  while (ends_with_digit(name)) name.remove_suffix(1);
  if (name == "ram" || name == "loop" || name == "fd") return false;
  if (name.starts_with("nvme") && name.ends_with('p')) return false;
  const bool partition = name.size() >= 3 && name[name.size() - 2] == 'd' &&
                         (name.starts_with("hd") || name.starts_with("sd") ||
                          name.starts_with("vd") || name.starts_with("xvd")) &&
                         name.size() <= 4;
  return !partition;
}

struct Family {
  std::string_view name;
  std::string_view help;
  DiskCollector::Counter counter;
  double unit;
};

constexpr std::array<Family, 17> kFamilies = {{
    {"node_disk_reads_completed_total", "The total number of reads completed successfully.",
     DiskCollector::kReads, 1},
    {"node_disk_reads_merged_total", "The total number of reads merged.",
     DiskCollector::kReadsMerged, 1},
    {"node_disk_read_bytes_total", "The total number of bytes read successfully.",
     DiskCollector::kSectorsRead, kSectorBytes},
    {"node_disk_read_time_seconds_total", "The total number of seconds spent by all reads.",
     DiskCollector::kReadMs, 1e-3},
    {"node_disk_writes_completed_total", "The total number of writes completed successfully.",
     DiskCollector::kWrites, 1},
    {"node_disk_writes_merged_total", "The number of writes merged.", DiskCollector::kWritesMerged,
     1},
    {"node_disk_written_bytes_total", "The total number of bytes written successfully.",
     DiskCollector::kSectorsWritten, kSectorBytes},
    {"node_disk_write_time_seconds_total",
     "This is the total number of seconds spent by all writes.", DiskCollector::kWriteMs, 1e-3},
    {"node_disk_io_now", "The number of I/Os currently in progress.", DiskCollector::kInFlight, 1},
    {"node_disk_io_time_seconds_total", "Total seconds spent doing I/Os.", DiskCollector::kBusyMs,
     1e-3},
    {"node_disk_io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os.",
     DiskCollector::kWeightedMs, 1e-3},
    {"node_disk_discards_completed_total", "The total number of discards completed successfully.",
     DiskCollector::kDiscards, 1},
    {"node_disk_discards_merged_total", "The total number of discards merged.",
     DiskCollector::kDiscardsMerged, 1},
    {"node_disk_discarded_sectors_total", "The total number of sectors discarded successfully.",
     DiskCollector::kSectorsDiscarded, 1},
    {"node_disk_discard_time_seconds_total",
     "This is the total number of seconds spent by all discards.", DiskCollector::kDiscardMs, 1e-3},
    {"node_disk_flush_requests_total", "The total number of flush requests completed successfully",
     DiskCollector::kFlushes, 1},
    {"node_disk_flush_requests_time_seconds_total",
     "This is the total number of seconds spent by all flush requests.", DiskCollector::kFlushMs,
     1e-3},
}};

}  // namespace

const DiskCollector::Facts& DiskCollector::facts_of(const std::string& device) {
  const auto known = facts_.find(device);
  if (known != facts_.end() && known->second.final) return known->second;
  if (facts_.size() > DeviceTable<Reading>::kMaxDevices) facts_.clear();
  std::string name = device;
  std::replace(name.begin(), name.end(), '/', '!');  // cciss/c0d0, as sysfs writes it
  Facts facts;
  std::string buffer;
  const std::string folder = fmt::format("/sys/block/{}", name);
  const bool pseudo =
      device.starts_with("loop") || device.starts_with("ram") || device.starts_with("zram");
  facts.whole = !pseudo && source_.read(fmt::format("{}/size", folder), buffer).has_value();
  facts.final = pseudo || facts.whole;
  facts.model = trimmed(source_.read(fmt::format("{}/device/model", folder), buffer).value_or(""));
  facts.serial =
      trimmed(source_.read(fmt::format("{}/device/serial", folder), buffer).value_or(""));
  return facts_.insert_or_assign(device, std::move(facts)).first->second;
}

bool DiskCollector::sample(const Sample& sample) {
  const auto text = diskstats_->read();
  if (!text) return false;
  const double seconds = interval_.next(sample.steady);
  disks_.begin_round();
  for (TextScanner lines(*text); !lines.done();) {
    TextScanner words(lines.line());
    const std::uint64_t major = words.number();
    const std::uint64_t minor = words.number();
    const std::string device(words.word());
    if (device.empty() || !is_shown(device)) continue;
    const Facts& facts = facts_of(device);
    auto* const disk = disks_.next(device);
    if (disk == nullptr) continue;
    disk->now = {.major = major, .minor = minor};
    for (std::string_view word = words.word(); !word.empty() && disk->now.known < kCounters;
         word = words.word())
      disk->now.counters[disk->now.known++] = to_number<std::uint64_t>(word);
    if (!facts.whole || !disk->has_before || seconds <= 0) continue;
    const auto increase = [disk](Counter counter) {
      return static_cast<double>(
          counter_increase(disk->before.counters[counter], disk->now.counters[counter]));
    };
    const auto rate = [&](Counter counter, double unit = 1) {
      return rounded(increase(counter) * unit / seconds);
    };
    // As iostat has them: time per operation that was completed.
    const auto wait = [&](Counter milliseconds, Counter operations) {
      const double done = increase(operations);
      return done > 0 ? rounded(increase(milliseconds) / done) : 0.0;
    };
    sample.add(
        "disk",
        {Field{"device", std::string_view(device)},
         Field{"read_bytes_per_second", rate(kSectorsRead, kSectorBytes)},
         Field{"written_bytes_per_second", rate(kSectorsWritten, kSectorBytes)},
         Field{"reads_per_second", rate(kReads)}, Field{"writes_per_second", rate(kWrites)},
         Field{"flushes_per_second", rate(kFlushes)}, Field{"read_wait_ms", wait(kReadMs, kReads)},
         Field{"write_wait_ms", wait(kWriteMs, kWrites)},
         Field{"queue_length", rate(kWeightedMs, 1e-3)},
         Field{"in_flight", as_int(disk->now.counters[kInFlight])},
         Field{"busy_percent", std::min(100.0, rate(kBusyMs, 0.1))}});
  }
  disks_.end_round();
  return true;
}

void DiskCollector::expose(Exposition& page) const {
  page.gauge("node_disk_info", "Info of /sys/block/<block_device>.");
  for (const auto& [device, disk] : disks_) {
    const auto facts = facts_.find(device);
    const bool known = facts != facts_.end();
    page.add({{"device", device},
              {"major", std::to_string(disk.now.major)},
              {"minor", std::to_string(disk.now.minor)},
              {"model", known ? std::string_view(facts->second.model) : std::string_view()},
              {"path", ""},
              {"revision", ""},
              {"serial", known ? std::string_view(facts->second.serial) : std::string_view()},
              {"wwn", ""}},
             1);
  }
  for (const Family& family : kFamilies) {
    page.family(family.name,
                family.counter == kInFlight ? MetricType::kGauge : MetricType::kCounter,
                family.help);
    for (const auto& [device, disk] : disks_) {
      if (family.counter >= disk.now.known) continue;
      const std::uint64_t value = disk.now.counters[family.counter];
      if (family.unit == 1) {
        page.add({{"device", device}}, value);
      } else {
        page.add({{"device", device}}, static_cast<double>(value) * family.unit);
      }
    }
  }
}

}  // namespace livedata::collect::host
