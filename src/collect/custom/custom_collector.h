#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/mutex.h"
#include "collect/custom/collector_spec.h"
#include "collect/custom/custom_page.h"
#include "collect/custom/record_maker.h"
#include "collect/custom/stop_signal.h"
#include "http_client/http_client.h"

namespace livedata::collect::custom {

/// Stores the records of one run.
using RecordSink = std::function<Result<void>(RecordBatch)>;

/// One command or endpoint, and how it fares. run() is called by one thread at a time.
class CustomCollector {
 public:
  /// What all collectors share; outlives them.
  struct Shared {
    std::string host;
    const RecordSink& sink;
    CustomPage& page;
    const Limits& limits;
    const Clock& clock;
    Logger& logger;
    MetricRegistry& metrics;
    ingest::LabelGuard* label_guard = nullptr;  ///< may be null
  };

  CustomCollector(CollectorSpec spec, const Shared& shared);
  ~CustomCollector();
  CustomCollector(const CustomCollector&) = delete;
  CustomCollector& operator=(const CustomCollector&) = delete;

  [[nodiscard]] const CollectorSpec& spec() const { return spec_; }

  /// Runs it once and stores what it said. Returns how long after this run's start the next one is
  /// due: the interval; after the second failure in a row twice that, and so on, up to five minutes
  /// (or the interval, if that is longer).
  std::chrono::nanoseconds run(const StopSignal& stop);

 private:
  struct Totals {
    double cpu_seconds = 0;
    double run_seconds = 0;
    double runs = 0;
    double failures = 0;
    double bytes = 0;
    double left_out = 0;
    double series = 0;  // of the last run
    double interval_seconds = 0;
  };
  struct Round {
    double cpu_seconds = 0;  // of the command
    double seconds = 0;
    std::size_t num_bytes = 0;
  };
  struct Shown;
  static const std::vector<Shown>& shown();

  Result<Readings> read(const StopSignal& stop, Round& round) const;
  Result<Readings> run_command_once(const WorkLimit& limit, Round& round) const;
  void succeeded(Readings readings, const Round& round);
  void failed(const Error& error, const Round& round);
  void store(RecordBatch batch);
  void add_status(const Round& round, const Readings* readings, std::string_view error,
                  TimestampNs now, RecordBatch& batch) const;
  void notice_left_out(const Readings& readings, std::size_t num_out_of_time);
  [[nodiscard]] std::chrono::nanoseconds delay() const;

  const CollectorSpec spec_;
  const Shared& shared_;
  const RecordMaker records_;
  std::unique_ptr<http_client::Transport> secure_transport_;  // null: no https
  unsigned failures_ = 0;                                     // in a row
  bool leaves_out_ = false;                                   // and told so
  bool store_fails_ = false;
  mutable Mutex mutex_;
  Totals totals_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::collect::custom
