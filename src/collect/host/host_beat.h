#pragma once

#include <functional>

#include "base/clock.h"
#include "base/metric.h"
#include "collect/host/host_metrics.h"
#include "collect/host/host_page.h"

namespace livedata::collect::host {

/// Collects the metrics of this machine, hands them on, and shows on the program's own page what
/// that takes: livedata_collect_seconds_total and the like.
class HostBeat {
 public:
  using Sink = std::function<Result<void>(RecordBatch)>;

  /// `page` may be null. References must outlive the object.
  HostBeat(HostMetricsOptions options, Sink sink, HostPage* page, const Clock& clock,
           Logger& logger, MetricRegistry& metrics);
  ~HostBeat();
  HostBeat(const HostBeat&) = delete;
  HostBeat& operator=(const HostBeat&) = delete;

  /// One round; to be called once a second. Fails when the sink does.
  Result<void> beat();

 private:
  void show_costs(MetricRegistry& metrics);

  HostMetrics host_;
  const Sink sink_;
  HostPage* page_;
  const Clock& clock_;
  MetricRegistry& metrics_;
};

}  // namespace livedata::collect::host
