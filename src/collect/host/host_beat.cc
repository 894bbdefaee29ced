#include "collect/host/host_beat.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "collect/host/live_source.h"

namespace livedata::collect::host {
namespace {

struct Shown {
  std::string_view name;
  std::string_view help;
  double (*value)(const CollectCost& cost);
};
constexpr std::array<Shown, 4> kShown = {{
    {"livedata_collect_seconds_total", "CPU time that collecting host metrics took",
     [](const CollectCost& cost) { return cost.seconds; }},
    {"livedata_collect_runs_total", "Times that a collector ran",
     [](const CollectCost& cost) { return static_cast<double>(cost.runs); }},
    {"livedata_collect_skipped_total", "Times that a collector was left out to keep the budget",
     [](const CollectCost& cost) { return static_cast<double>(cost.skipped); }},
    {"livedata_collect_interval_seconds", "How often a collector runs now",
     [](const CollectCost& cost) { return cost.interval_seconds; }},
}};

}  // namespace

HostBeat::HostBeat(HostMetricsOptions options, Sink sink, HostPage* page, const Clock& clock,
                   Logger& logger, MetricRegistry& metrics)
    : host_(std::move(options), std::make_unique<LiveSource>(), logger),
      sink_(std::move(sink)),
      page_(page),
      clock_(clock),
      metrics_(metrics) {
  show_costs(metrics);
  if (page_ != nullptr) page_->add(host_);
}

HostBeat::~HostBeat() {
  if (page_ != nullptr) page_->remove(host_);
  for (const Shown& shown : kShown) metrics_.remove_gauge(shown.name);
}

void HostBeat::show_costs(MetricRegistry& metrics) {
  for (const CollectCost& cost : host_.costs()) {
    for (const Shown& shown : kShown) {
      metrics.gauge(shown.name, shown.help, fmt::format("collector=\"{}\"", cost.collector),
                    [this, name = cost.collector, value = shown.value] {
                      const auto costs = host_.costs();
                      const auto found =
                          std::find_if(costs.begin(), costs.end(),
                                       [&](const CollectCost& c) { return c.collector == name; });
                      return found == costs.end() ? 0 : value(*found);
                    });
    }
  }
}

Result<void> HostBeat::beat() {
  const auto steady = clock_.steady_now();
  RecordBatch batch = host_.collect(clock_.now(), steady);
  if (batch.empty()) return {};
  const double before = thread_cpu_seconds();
  auto stored = sink_(std::move(batch));
  host_.stored(thread_cpu_seconds() - before);
  return stored;
}

}  // namespace livedata::collect::host
