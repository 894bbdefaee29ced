#pragma once

#include <array>

#include "collect/host/collector.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Load averages and tasks from /proc/loadavg: source `load`.
class LoadCollector final : public Collector {
 public:
  explicit LoadCollector(HostSource& source) : loadavg_(source.open("/proc/loadavg")) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  std::unique_ptr<SourceFile> loadavg_;
  bool good_ = false;
  std::array<double, 3> load_{};  // 1, 5 and 15 minutes
};

/// Pressure stall information (Documentation/accounting/psi.rst) from /proc/pressure: source
/// `pressure`, a record for each of cpu, memory, io and irq with the share of the time since the
/// last round in which some or all tasks waited for it.
class PressureCollector final : public Collector {
 public:
  explicit PressureCollector(HostSource& source);
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  /// One line of such a file.
  struct Stall {
    bool known = false;
    double average10 = 0;            ///< percent, over 10 s
    std::uint64_t microseconds = 0;  ///< in all
  };
  struct Resource {
    std::string_view name;
    std::unique_ptr<SourceFile> file;
    Stall some, full;
    bool has_before = false;
  };
  bool read(Resource& resource);

  std::array<Resource, 4> resources_;
  Interval interval_;
};

}  // namespace livedata::collect::host
