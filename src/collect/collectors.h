#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/background.h"
#include "base/metric.h"
#include "collect/host/host_metrics.h"
#include "collect/host/host_page.h"
#include "collect/log_files.h"

namespace livedata::collect {

struct CollectOptions {
  host::HostMetricsOptions metrics;  ///< its host is `host`
  host::HostPage* page = nullptr;    ///< shows the metrics; may be null
  Path log_folder = "/var/log";
  Path journal_folder;                                     ///< empty: this machine's journal
  Path state_folder;                                       ///< how far logs were read
  std::string host;                                        ///< empty: the machine's name
  const ingest::pipeline::Pipelines* pipelines = nullptr;  ///< what logs go through; may be null
};

/// Watches this machine: host metrics (collect/host), and its logs, from journald or else from the
/// usual text files. Runs on two threads of its own until destroyed.
class Collectors {
 public:
  /// The sink is called from both threads. References must outlive the object.
  Collectors(CollectOptions options, const Sink& sink, const Limits& limits, FileSystem& files,
             const Clock& clock, Logger& logger, MetricRegistry& metrics);
  ~Collectors();
  Collectors(const Collectors&) = delete;
  Collectors& operator=(const Collectors&) = delete;

 private:
  class Metrics;
  class Logs;
  std::unique_ptr<Metrics> host_metrics_;
  std::unique_ptr<Logs> logs_;
  std::unique_ptr<Background> metrics_thread_;  // last: they run what stands above
  std::unique_ptr<Background> logs_thread_;
};

}  // namespace livedata::collect
