#pragma once

#include <array>
#include <map>

#include "collect/proc_source.h"
#include "collect/sample.h"

namespace livedata::collect {

/// Traffic of each network interface but the loopback, from /proc/net/dev: source `network`.
/// Interfaces that never had traffic are left out.
class NetworkSampler {
 public:
  explicit NetworkSampler(const ProcSource& source) : dev_(source.proc / "net/dev") {}
  bool sample(const Sample& sample);

 private:
  // receive: bytes packets errs drop fifo frame compressed multicast; then the same for transmit
  using Counters = std::array<std::uint64_t, 16>;

  ProcFile dev_;
  Interval interval_;
  std::map<std::string, Counters, std::less<>> last_;
};

}  // namespace livedata::collect
