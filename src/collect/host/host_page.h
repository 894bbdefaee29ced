#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "collect/host/exposition.h"

namespace livedata::collect::host {

/// Something whose last readings a page shows.
class PagePart {
 public:
  virtual ~PagePart() = default;
  /// Writes what was read last; reads nothing itself. Called by any thread.
  virtual void expose(Exposition& page) const = 0;
};

/// Where a page that shows host metrics finds them, while they come and go. A family that a part
/// has written is not taken from those behind it. Thread-safe.
class HostPage {
 public:
  /// Shows a part behind those that are there.
  void add(const PagePart& part) {
    const MutexLock lock(mutex_);
    parts_.push_back(&part);
  }
  /// Waits for a rendering that runs.
  void remove(const PagePart& part) {
    const MutexLock lock(mutex_);
    parts_.erase(std::remove(parts_.begin(), parts_.end(), &part), parts_.end());
  }
  /// Prometheus text; nothing where nothing is collected.
  [[nodiscard]] std::optional<std::string> render() const {
    const MutexLock lock(mutex_);
    if (parts_.empty()) return std::nullopt;
    Exposition page;
    for (const PagePart* part : parts_) part->expose(page);
    return page.take();
  }

 private:
  mutable Mutex mutex_;
  std::vector<const PagePart*> parts_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::collect::host
