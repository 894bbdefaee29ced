#include "collect/collectors.h"

#include <unistd.h>

#include <array>
#include <fstream>

#include "collect/custom/custom_collectors.h"
#include "collect/files/follower.h"
#include "collect/files/log_files.h"
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

/// What tells this machine from others (machine-id(5)), as far as there is such a thing.
std::string machine_id(const std::string& host) {
  std::ifstream file("/etc/machine-id");
  std::string id;
  std::getline(file, id);
  return id.empty() ? host : id;
}

/// Records of metrics, as the sink takes them.
custom::RecordSink metrics_sink(const Sink& sink) {
  return [sink](RecordBatch batch) {
    ingest::Decoded decoded;
    decoded.batch = std::move(batch);
    decoded.source = "host";
    return sink(std::move(decoded), {});
  };
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
        host_(options.metrics, metrics_sink(sink), options.page, clock, logger, metrics) {}

  void beat() { complaint_.about("host metrics", host_.beat()); }

 private:
  Complaint complaint_;
  host::HostBeat host_;
};

class Collectors::Journal {
 public:
  Journal(std::unique_ptr<Journald> journal, const Clock& clock, Logger& logger,
          MetricRegistry& metrics)
      : journal_(std::move(journal)), complaint_(logger, clock, error_counter(metrics)) {}

  void beat() { complaint_.about("the journal", journal_->poll()); }

 private:
  std::unique_ptr<Journald> journal_;
  Complaint complaint_;
};

class Collectors::Files {
 public:
  Files(LogFilesOptions options, const Sink& sink, const Bookmarks& saved, const Limits& limits,
        const Clock& clock, Logger& logger, MetricRegistry& metrics)
      : complaint_(logger, clock, error_counter(metrics)),
        files_(std::move(options), sink, saved, limits, clock, logger, metrics),
        follower_(files_,
                  [this](const Result<void>& outcome) { complaint_.about("log files", outcome); }) {
  }

 private:
  Complaint complaint_;
  LogFiles files_;
  Follower follower_;
};

class Collectors::Custom {
 public:
  Custom(custom::CustomOptions options, const Sink& sink, const Limits& limits, const Clock& clock,
         Logger& logger, MetricRegistry& metrics)
      : collectors_(std::move(options), metrics_sink(sink), limits, clock, logger, metrics) {}

 private:
  custom::CustomCollectors collectors_;
};

Collectors::Collectors(CollectOptions options, const Sink& sink, const Limits& limits,
                       const Clock& clock, Logger& logger, MetricRegistry& metrics) {
  if (options.host.empty()) options.host = host_name();
  std::vector<FileSet> sets = std::move(options.files);
  if (options.watch_machine) {
    options.metrics.host = options.host;
    host_metrics_ = std::make_unique<Metrics>(options, sink, clock, logger, metrics);
    auto journal = Journald::open({.journal_folder = options.journal_folder,
                                   .machine = machine_id(options.host),
                                   .host = options.host,
                                   .pipelines = options.pipelines,
                                   .backlog = options.journal_backlog,
                                   .filter = options.journal_filter},
                                  sink, options.saved, limits, clock);
    if (journal) {
      journal_ = std::make_unique<Journal>(*std::move(journal), clock, logger, metrics);
    } else if (sets.empty()) {
      logger.info("following text logs below {}: {}", options.log_folder.string(),
                  journal.error().message);
      sets.push_back(usual_log_files(options.log_folder));
    }
  }
  if (!sets.empty()) {
    files_ = std::make_unique<Files>(
        LogFilesOptions{.sets = std::move(sets),
                        .host = options.host,
                        .pipelines = options.pipelines,
                        .poll_interval = options.poll_interval,
                        .backfill_bytes_per_second = options.backfill_bytes_per_second},
        sink, options.saved, limits, clock, logger, metrics);
  }
  if (!options.custom.empty()) {
    custom_ = std::make_unique<Custom>(custom::CustomOptions{.specs = std::move(options.custom),
                                                             .host = options.host,
                                                             .page = options.page,
                                                             .label_guard = options.label_guard},
                                       sink, limits, clock, logger, metrics);
  }
  if (host_metrics_ != nullptr) {
    metrics_thread_ =
        std::make_unique<Background>("ld-metrics", kPeriod, [this] { host_metrics_->beat(); });
  }
  if (journal_ != nullptr) {
    journal_thread_ =
        std::make_unique<Background>("ld-journal", kPeriod, [this] { journal_->beat(); });
  }
}

Collectors::~Collectors() = default;

}  // namespace livedata::collect
