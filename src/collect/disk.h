#pragma once

#include <map>

#include "collect/proc_source.h"
#include "collect/sample.h"

namespace livedata::collect {

/// Throughput, operations and busy time of whole disks (no partitions, loop or RAM disks) from
/// /proc/diskstats: source `disk`.
class DiskSampler {
 public:
  explicit DiskSampler(const ProcSource& source)
      : diskstats_(source.proc / "diskstats"), block_folder_(source.sys / "block") {}
  bool sample(const Sample& sample);

 private:
  struct Counters {
    std::uint64_t reads = 0, sectors_read = 0, writes = 0, sectors_written = 0, busy_ms = 0;
  };

  bool is_whole_disk(const std::string& device);

  ProcFile diskstats_;
  Path block_folder_;
  Interval interval_;
  std::map<std::string, bool, std::less<>> whole_;
  std::map<std::string, Counters, std::less<>> last_;
};

/// Size and use of mounted filesystems, each device once: source `filesystem`.
class FilesystemSampler {
 public:
  explicit FilesystemSampler(const ProcSource& source) : mounts_(source.proc / "self/mounts") {}
  bool sample(const Sample& sample);

 private:
  ProcFile mounts_;
};

}  // namespace livedata::collect
