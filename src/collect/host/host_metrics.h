#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "collect/host/collector.h"
#include "collect/host/host_page.h"
#include "collect/host/host_source.h"
#include "collect/host/pacer.h"

namespace livedata::collect::host {

/// How often each collector runs, by its name; those that are not named run as they do by default.
/// 0: never.
using Intervals = std::map<std::string, std::chrono::nanoseconds, std::less<>>;

/// Intervals as text, "process=10s, cgroup=off", separated by commas, blanks or line ends. Units
/// are ms, s, m and h. Fails for names that no collector has, and for less than a second.
Result<Intervals> parse_intervals(std::string_view text);

struct HostMetricsOptions {
  std::string host;          ///< the label of all streams
  double cpu_budget = 0.01;  ///< of one core, for all collectors together
  Intervals intervals;
};

/// What the collectors of one host take.
struct CollectCost {
  std::string collector;
  double seconds = 0;  ///< CPU time in all
  double interval_seconds = 0;
  std::uint64_t runs = 0;
  std::uint64_t skipped = 0;
};

/// The metrics of one host: its collectors, each at its pace. What they read becomes records (one
/// per source and device, numeric fields) and Prometheus text. collect() is called by one thread,
/// the others may be called by any.
class HostMetrics final : public PagePart {
 public:
  /// The logger must outlive the object.
  HostMetrics(HostMetricsOptions options, std::unique_ptr<HostSource> source, Logger& logger);
  ~HostMetrics() override;
  HostMetrics(const HostMetrics&) = delete;
  HostMetrics& operator=(const HostMetrics&) = delete;

  /// Runs the collectors that are due, and returns their records, all with the time `now`. To be
  /// called about once a second.
  RecordBatch collect(TimestampNs now, std::chrono::steady_clock::time_point steady);
  /// Runs the collectors of these names, due or not: of a source whose files come from elsewhere,
  /// when they have come. Intervals and budget play no part.
  RecordBatch collect_these(std::span<const std::string_view> names, TimestampNs now,
                            std::chrono::steady_clock::time_point steady);
  /// Tells of CPU time that storing a batch took, which counts against the budget.
  void stored(double cpu_seconds);

  /// What was read last, in Prometheus text; collects nothing.
  [[nodiscard]] std::string render() const;
  void expose(Exposition& page) const override;
  [[nodiscard]] std::vector<CollectCost> costs() const;
  /// Those that this host does not have, or does not show us.
  [[nodiscard]] std::set<std::string> missing() const;

  /// Names of all collectors, and their usual intervals.
  static const std::vector<std::pair<std::string_view, std::chrono::seconds>>& collectors();

 private:
  struct Entry {
    std::string name;
    std::unique_ptr<Collector> collector;
    bool good = true;
  };
  void run(std::size_t i, const Sample& sample);

  Logger& logger_;
  mutable Mutex mutex_;  // collectors, while they collect or render
  std::unique_ptr<HostSource> source_;
  SourceStreams streams_;
  std::vector<Entry> entries_;
  Pacer pacer_;
  std::set<std::string> missing_;
  double store_seconds_ = 0;
  std::uint64_t stores_ = 0;
  double store_cost_ = 0;
  mutable double render_seconds_ = 0;
  mutable std::uint64_t renders_ = 0;
};

/// CPU time of the calling thread, in seconds.
double thread_cpu_seconds();

}  // namespace livedata::collect::host
