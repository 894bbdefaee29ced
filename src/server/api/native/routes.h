#pragma once

#include <atomic>

#include "base/metric.h"
#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// livedata's own API below /api/v1, and what watches the process: /ready, /healthz, /metrics.
void add_routes(const ApiContext& context, const MetricRegistry& metrics,
                const std::atomic<bool>& ready, Router& router);

/// Gauges about this process: memory, CPU time, open files.
void add_process_metrics(MetricRegistry& metrics);

}  // namespace livedata::server::native
