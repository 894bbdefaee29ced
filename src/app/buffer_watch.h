#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/logger.h"
#include "base/metric.h"

namespace livedata {

/// Tells the operator of buffers that are filling up, before anything has to be refused. Looks at
/// what kBufferUsedGauge says. Not thread-safe.
class BufferWatch {
 public:
  /// The references must outlive the watch.
  BufferWatch(const MetricRegistry& metrics, const Clock& clock, Logger& logger)
      : metrics_(metrics), clock_(clock), logger_(logger) {}

  /// Warns of each buffer that is more than 70 % full, once per minute at most. To be called about
  /// once per second. Returns the number of warnings.
  int look();

 private:
  const MetricRegistry& metrics_;
  const Clock& clock_;
  Logger& logger_;
  std::map<std::string, std::chrono::steady_clock::time_point> warned_;
};

}  // namespace livedata
