#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "collect/host/host_metrics.h"

namespace livedata::collect::host {

/// Where a page that shows host metrics finds them, while they come and go. Thread-safe.
class HostPage {
 public:
  /// nullptr: they are gone. Waits for a rendering that runs.
  void show(const HostMetrics* metrics) {
    const MutexLock lock(mutex_);
    metrics_ = metrics;
  }
  /// Prometheus text; nothing where nothing is collected.
  [[nodiscard]] std::optional<std::string> render() const {
    const MutexLock lock(mutex_);
    if (metrics_ == nullptr) return std::nullopt;
    return metrics_->render();
  }

 private:
  mutable Mutex mutex_;
  const HostMetrics* metrics_ LIVEDATA_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace livedata::collect::host
