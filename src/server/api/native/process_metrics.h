#pragma once

#include "base/metric.h"

namespace livedata::server::native {

/// What is known of this process (memory, CPU time, open files), in the names that Prometheus'
/// client libraries give it:
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
void add_process_metrics(MetricRegistry& metrics);

}  // namespace livedata::server::native
