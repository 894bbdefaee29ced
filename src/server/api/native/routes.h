#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "base/metric.h"
#include "server/api/api_context.h"
#include "server/http/router.h"

namespace livedata::server::native {

/// livedata's own API below /api/v1, and what watches the process: /ready, /healthz, /metrics.
void add_routes(const ApiContext& context, const MetricRegistry& metrics,
                const std::atomic<bool>& ready, Router& router);

/// /metrics/host: Prometheus text about the machine; nothing from `render` means that its metrics
/// are not collected.
void add_host_metrics(std::function<std::optional<std::string>()> render, Router& router);

}  // namespace livedata::server::native
