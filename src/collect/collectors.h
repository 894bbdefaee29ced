#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/background.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "collect/custom/collector_spec.h"
#include "collect/files/file_set.h"
#include "collect/host/host_metrics.h"
#include "collect/host/host_page.h"
#include "collect/journal_filter.h"
#include "collect/sink.h"
#include "ingest/label_guard.h"
#include "ingest/pipeline/pipeline.h"
#include "model/bookmark.h"
#include "model/limits.h"

namespace livedata::collect {

struct CollectOptions {
  host::HostMetricsOptions metrics;  ///< its host is `host`
  host::HostPage* page = nullptr;    ///< shows the metrics; may be null
  Path log_folder = "/var/log";
  Path journal_folder;  ///< empty: this machine's journal
  std::chrono::nanoseconds journal_backlog = std::chrono::hours(24);  ///< see JournaldOptions
  JournalFilter journal_filter;
  std::string host;  ///< empty: the machine's name
  /// What logs go through; may be null.
  const ingest::pipeline::Pipelines* pipelines = nullptr;
  bool watch_machine = true;   ///< else only `files` and `custom`
  std::vector<FileSet> files;  ///< those that were asked for; they take the usual ones' place
  std::vector<custom::CollectorSpec> custom;    ///< commands and endpoints
  std::uint64_t backfill_bytes_per_second = 0;  ///< see LogFilesOptions
  std::chrono::nanoseconds poll_interval{0};    ///< see LogFilesOptions
  ingest::LabelGuard* label_guard = nullptr;    ///< for `custom`; may be null
  Bookmarks saved;                              ///< of the last run
};

/// Watches this machine: host metrics (collect/host), and its logs, from journald or else from the
/// usual text files; and the files, commands and endpoints that were asked for. Runs on threads of
/// its own until destroyed.
class Collectors {
 public:
  /// The sink is called from all threads. References must outlive the object.
  Collectors(CollectOptions options, const Sink& sink, const Limits& limits, const Clock& clock,
             Logger& logger, MetricRegistry& metrics);
  ~Collectors();
  Collectors(const Collectors&) = delete;
  Collectors& operator=(const Collectors&) = delete;

 private:
  class Metrics;
  class Journal;
  class Files;
  class Custom;
  std::unique_ptr<Metrics> host_metrics_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Custom> custom_;
  std::unique_ptr<Background> metrics_thread_;  // last: they run what stands above
  std::unique_ptr<Background> journal_thread_;
};

}  // namespace livedata::collect
