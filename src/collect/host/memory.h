#pragma once

#include "collect/host/collector.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Memory and swap from /proc/meminfo: source `memory`, in bytes.
class MemoryCollector final : public Collector {
 public:
  explicit MemoryCollector(HostSource& source) : meminfo_(source.open("/proc/meminfo")) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  std::unique_ptr<SourceFile> meminfo_;
  std::string text_;  // as it was read last
};

/// Faults, paging and swapping per second from /proc/vmstat: source `vmstat`.
class VmstatCollector final : public Collector {
 public:
  explicit VmstatCollector(HostSource& source) : vmstat_(source.open("/proc/vmstat")) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

  static constexpr std::size_t kCounters = 8;

 private:
  struct Reading {
    std::uint64_t value[kCounters] = {};
    bool known[kCounters] = {};
  };
  std::unique_ptr<SourceFile> vmstat_;
  Interval interval_;
  Reading now_;
};

}  // namespace livedata::collect::host
