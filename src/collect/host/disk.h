#pragma once

#include <array>

#include "collect/host/collector.h"
#include "collect/host/device_table.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Throughput, operations, latency, queue and busy time of whole disks (no partitions, loop or RAM
/// disks) from /proc/diskstats (Documentation/admin-guide/iostats.rst): source `disk`.
class DiskCollector final : public Collector {
 public:
  explicit DiskCollector(HostSource& source)
      : source_(source), diskstats_(source.open("/proc/diskstats")) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

  /// In the order of the file.
  enum Counter {
    kReads,
    kReadsMerged,
    kSectorsRead,
    kReadMs,
    kWrites,
    kWritesMerged,
    kSectorsWritten,
    kWriteMs,
    kInFlight,
    kBusyMs,
    kWeightedMs,
    kDiscards,
    kDiscardsMerged,
    kSectorsDiscarded,
    kDiscardMs,
    kFlushes,
    kFlushMs
  };
  static constexpr std::size_t kCounters = 17;
  struct Reading {
    std::uint64_t major = 0, minor = 0;
    std::array<std::uint64_t, kCounters> counters{};
    std::size_t known = 0;  ///< how many of them this kernel has
  };

 private:
  /// What does not change while a disk is there.
  struct Facts {
    bool whole = false;
    bool final = false;  ///< false: to be read again, as what /sys has may come after diskstats
    std::string model;
    std::string serial;
  };
  const Facts& facts_of(const std::string& device);

  HostSource& source_;
  std::unique_ptr<SourceFile> diskstats_;
  Interval interval_;
  DeviceTable<Reading> disks_;
  std::map<std::string, Facts, std::less<>> facts_;
};

}  // namespace livedata::collect::host
