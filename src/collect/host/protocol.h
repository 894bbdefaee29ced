#pragma once

#include <vector>

#include "collect/host/collector.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Counters of IP, TCP, UDP and ICMP from /proc/net/{snmp,netstat,snmp6}, of packets per CPU from
/// softnet_stat, and of connection tracking: source `protocol`, per second.
class ProtocolCollector final : public Collector {
 public:
  explicit ProtocolCollector(HostSource& source);
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  /// The counters that are shown, by "Protocol_Name".
  using Counters = std::map<std::string, std::uint64_t, std::less<>>;
  struct Softnet {
    std::uint64_t processed = 0, dropped = 0, squeezed = 0;
  };

  void read_pairs(SourceFile& file, Counters& counters);
  void read_snmp6(Counters& counters);
  void read_softnet();
  void read_conntrack();

  std::unique_ptr<SourceFile> snmp_, netstat_, snmp6_, softnet_file_, conntrack_count_,
      conntrack_max_;
  Interval interval_;
  Counters now_;
  std::vector<Softnet> softnet_;  ///< by CPU
  std::optional<std::uint64_t> conntrack_entries_, conntrack_limit_;
};

/// Calls `pair` with "Protocol" "Name" "value" of files that have a line of names and a line of
/// values of each protocol (/proc/net/snmp, /proc/net/netstat).
void each_snmp_pair(
    std::string_view text,
    const std::function<void(std::string_view, std::string_view, std::string_view)>& pair);

}  // namespace livedata::collect::host
