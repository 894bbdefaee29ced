#pragma once

#include <array>
#include <vector>

#include "collect/host/collector.h"
#include "collect/host/device_table.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Traffic, errors and drops of each network interface but the loopback, from /proc/net/dev: source
/// `network`. Interfaces that never had traffic are left out of the records.
class NetworkCollector final : public Collector {
 public:
  explicit NetworkCollector(HostSource& source) : dev_(source.open("/proc/net/dev")) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

  // receive: bytes packets errs drop fifo frame compressed multicast;
  // transmit: bytes packets errs drop fifo colls carrier compressed
  using Counters = std::array<std::uint64_t, 16>;

 private:
  std::unique_ptr<SourceFile> dev_;
  Interval interval_;
  DeviceTable<Counters> interfaces_;
};

/// State, speed and the like of each network interface from /sys/class/net: source `interface`.
class InterfaceCollector final : public Collector {
 public:
  explicit InterfaceCollector(HostSource& source) : source_(source) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

  static constexpr std::size_t kNumbers = 17;

 private:
  struct Interface {
    std::string name;
    std::string operstate, address, broadcast, duplex, alias;
    std::array<std::optional<std::int64_t>, kNumbers> numbers;
  };
  Interface read(std::string name);

  HostSource& source_;
  std::vector<Interface> interfaces_;
};

}  // namespace livedata::collect::host
