#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "collect/custom/collector_spec.h"
#include "collect/custom/readings.h"
#include "collect/host/host_page.h"

namespace livedata::collect::custom {

/// What collectors of one's own read last, as Prometheus text: each sample with the label `source`,
/// Prometheus' names as they are, those of other formats as <collector>_<name>. Thread-safe.
class CustomPage final : public host::PagePart {
 public:
  struct Shown {
    std::shared_ptr<const Readings> readings;  ///< null: there are none, or they are not shown
    bool up = false;
    double seconds = 0;
    std::size_t num_series = 0;
  };

  /// The spec must outlive the object.
  void show(const CollectorSpec& spec, Shown shown) LIVEDATA_EXCLUDES(mutex_);
  void expose(host::Exposition& page) const override LIVEDATA_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::map<const CollectorSpec*, Shown> shown_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::collect::custom
