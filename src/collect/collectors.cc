#include "collect/collectors.h"

#include <unistd.h>

#include <array>

#include "collect/host/host_beat.h"
#include "collect/journald.h"

namespace livedata::collect {
namespace {

constexpr auto kPeriod = std::chrono::seconds(1);
constexpr auto kComplainEvery = std::chrono::minutes(1);

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "localhost";
}

/// Says that the sink fails, but not at every beat.
class Complaint {
 public:
  Complaint(Logger& logger, const Clock& clock, Counter& errors)
      : logger_(logger), clock_(clock), errors_(errors) {}
  void about(std::string_view what, const Result<void>& result) {
    if (result) return;
    errors_.add();
    const auto now = clock_.steady_now();
    if (said_ && now - last_ < kComplainEvery) return;
    said_ = true;
    last_ = now;
    logger_.warn("collecting {}: {}", what, result.error().message);
  }

 private:
  Logger& logger_;
  const Clock& clock_;
  Counter& errors_;
  bool said_ = false;
  std::chrono::steady_clock::time_point last_;
};

Counter& error_counter(MetricRegistry& metrics) {
  return metrics.counter("livedata_collect_errors_total",
                         "Rounds of collecting that could not be stored");
}

}  // namespace

class Collectors::Metrics {
 public:
  Metrics(const CollectOptions& options, const Sink& sink, const Clock& clock, Logger& logger,
          MetricRegistry& metrics)
      : complaint_(logger, clock, error_counter(metrics)),
        host_(options.metrics, sink, options.page, clock, logger, metrics) {}

  void beat() { complaint_.about("host metrics", host_.beat()); }

 private:
  Complaint complaint_;
  host::HostBeat host_;
};

class Collectors::Logs {
 public:
  Logs(const CollectOptions& options, const Sink& sink, const Limits& limits, FileSystem& files,
       const Clock& clock, Logger& logger, MetricRegistry& metrics)
      : complaint_(logger, clock, error_counter(metrics)) {
    auto journal = Journald::open({.journal_folder = options.journal_folder,
                                   .state_file = options.state_folder / "journal-cursor",
                                   .host = options.host,
                                   .pipelines = options.pipelines},
                                  sink, limits, files, clock);
    if (journal) {
      journal_ = *std::move(journal);
      return;
    }
    logger.info("following text logs below {}: {}", options.log_folder.string(),
                journal.error().message);
    files_ =
        std::make_unique<LogFiles>(LogFilesOptions{.globs = usual_log_globs(options.log_folder),
                                                   .state_file = options.state_folder / "positions",
                                                   .host = options.host,
                                                   .pipelines = options.pipelines},
                                   sink, limits, files, clock, logger);
  }

  void beat() {
    if (journal_ != nullptr) complaint_.about("the journal", journal_->poll());
    if (files_ != nullptr) complaint_.about("log files", files_->poll());
  }

 private:
  Complaint complaint_;
  std::unique_ptr<Journald> journal_;
  std::unique_ptr<LogFiles> files_;
};

Collectors::Collectors(CollectOptions options, const Sink& sink, const Limits& limits,
                       FileSystem& files, const Clock& clock, Logger& logger,
                       MetricRegistry& metrics) {
  if (options.host.empty()) options.host = host_name();
  options.metrics.host = options.host;
  host_metrics_ = std::make_unique<Metrics>(options, sink, clock, logger, metrics);
  logs_ = std::make_unique<Logs>(options, sink, limits, files, clock, logger, metrics);
  metrics_thread_ =
      std::make_unique<Background>("ld-metrics", kPeriod, [this] { host_metrics_->beat(); });
  logs_thread_ = std::make_unique<Background>("ld-logs", kPeriod, [this] { logs_->beat(); });
}

Collectors::~Collectors() = default;

}  // namespace livedata::collect
