#pragma once

#include <vector>

#include "collect/host/collector.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Sockets in use by protocol (/proc/net/sockstat{,6}), TCP sockets by state, queues of UDP: source
/// `sockets`.
class SocketsCollector final : public Collector {
 public:
  explicit SocketsCollector(HostSource& source);
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  struct Entry {
    std::string protocol, name;
    std::uint64_t value = 0;
  };
  void read_sockstat(SourceFile& file);
  [[nodiscard]] std::int64_t find(std::string_view protocol, std::string_view name) const;
  void read_tcp_states();
  void read_arp();

  HostSource& source_;
  std::unique_ptr<SourceFile> sockstat_, sockstat6_, arp_;
  std::unique_ptr<SourceFile> tcp_[2];
  std::vector<Entry> entries_;
  std::optional<TcpStates> states_;
  std::map<std::string, std::uint64_t, std::less<>> arp_entries_;  ///< by interface
};

/// Counts the states of a file such as /proc/net/tcp.
void count_tcp_states(std::string_view text, TcpStates& states);

}  // namespace livedata::collect::host
