#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "query/around/context.h"
#include "query/around/events.h"
#include "query/around/metric_history.h"
#include "query/around/nearby_logs.h"
#include "query/around/processes.h"
#include "query/around/spikes.h"

namespace livedata::query::around {

/// What was on a host at an instant.
struct Question {
  std::string host;
  TimestampNs at = 0;
  std::chrono::nanoseconds window = std::chrono::minutes(5);  ///< half of it before `at`
  /// What is usual is taken from so long before the window.
  std::chrono::nanoseconds history = std::chrono::hours(1);
  ProcessChoice choice = {};
  std::size_t max_lines = 50;
  std::size_t max_processes = 15;
  std::size_t max_events = 20;
  std::size_t max_spikes = 10;
};

/// One metric at the instant.
struct MetricState {
  MetricKey metric;
  MetricReading reading;
  double usual = 0;  ///< median over history and window
};

struct Answer {
  TimeRange window;
  std::vector<MetricState> metrics;  ///< by source, device and field
  std::vector<Spike> spikes;         ///< in the window
  std::vector<ProcessState> processes;
  std::vector<HostEvent> events;
  NearbyLogs logs;
  bool metrics_are_cut = false;  ///< the host has more of them than are shown

  /// Whether nothing is known of the host there.
  [[nodiscard]] bool empty() const {
    return metrics.empty() && processes.empty() && events.empty() && logs.rows.empty();
  }
};

Result<Answer> ask(const Context& context, const Question& question);

/// What moved most in a range of time, to begin with: compared with the range itself and
/// `history` before it.
Result<std::vector<Spike>> spikes_in(const Context& context, std::string_view host,
                                     const TimeRange& range, std::chrono::nanoseconds history,
                                     std::size_t limit);

/// Hosts that have metrics in the range, by name.
Result<std::vector<std::string>> hosts_in(const Context& context, const TimeRange& range);

}  // namespace livedata::query::around
