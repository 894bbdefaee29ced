#pragma once

#include "collect/host/cgroup_name.h"
#include "collect/host/collector.h"
#include "collect/host/device_table.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// CPU, memory, throttling, OOM kills and tasks of services, slices and containers, from cgroup v2
/// (Documentation/admin-guide/cgroup-v2.rst): source `cgroup`, a record per group that has done
/// something since the last round, and of every group once a minute.
class CgroupCollector final : public Collector {
 public:
  explicit CgroupCollector(HostSource& source) : source_(source) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  struct Reading {
    std::uint64_t usage_us = 0, user_us = 0, system_us = 0;
    std::uint64_t periods = 0, throttled_periods = 0, throttled_us = 0;
    std::uint64_t memory = 0, oom_kills = 0, tasks = 0, read_bytes = 0, written_bytes = 0;
    std::optional<std::uint64_t> memory_limit, swap;
    bool has_cpu = false, has_memory = false;
  };
  using Group = DeviceTable<Reading>::Device;

  void find_root();
  void walk(const std::string& path, int depth, std::size_t& left);
  void read(const std::string& path);
  /// What is read of a group in which something has run.
  void read_details(const std::string& path, Reading& now);
  static void read_io(std::string_view text, Reading& now);
  void add(const Sample& sample, const std::string& path, const Group& group, double seconds);
  const CgroupName& name_of(const std::string& path);
  /// A container's name, where its engine has it in a file that can be read.
  std::string container_name(const CgroupName& name);

  HostSource& source_;
  std::string root_;  ///< where cgroup v2 is mounted; "" if it is not
  Interval interval_;
  std::uint64_t rounds_ = 0;
  std::string buffer_;
  DeviceTable<Reading> groups_;  ///< by path
  struct Named {
    CgroupName name;
    std::string container;
  };
  std::map<std::string, Named, std::less<>> names_;
};

}  // namespace livedata::collect::host
