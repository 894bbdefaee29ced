#pragma once

#include <string_view>

#include "collect/host/exposition.h"
#include "collect/host/sample.h"

namespace livedata::collect::host {

/// One group of host metrics. Keeps what it read last, for rates and for expose(). Not thread-safe.
class Collector {
 public:
  virtual ~Collector() = default;
  /// Reads the source and adds records; rates need a second round. False: this machine has none of
  /// it, or we may not read it.
  virtual bool sample(const Sample& sample) = 0;
  /// Writes what the last sample() has read. Reads nothing itself.
  virtual void expose(Exposition& page) const = 0;
};

}  // namespace livedata::collect::host
