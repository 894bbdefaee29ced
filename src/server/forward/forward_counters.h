#pragma once

#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/metric.h"
#include "ingest/decoded.h"

namespace livedata::server {

/// What is counted of the connections of one transport. Thread-safe.
class ForwardCounters {
 public:
  ForwardCounters(MetricRegistry& metrics, std::string_view transport)
      : metrics_(metrics),
        bytes_(metrics.counter("livedata_forward_bytes_total", "Bytes received, by transport",
                               label(transport))),
        messages_(metrics.counter("livedata_forward_messages_total",
                                  "Messages received, by transport", label(transport))),
        events_(metrics.counter("livedata_forward_events_total", "Events received, by transport",
                                label(transport))) {}

  void add_bytes(std::size_t bytes) { bytes_.add(bytes); }
  void add_messages(std::size_t messages, std::size_t events) {
    messages_.add(messages);
    events_.add(events);
  }
  void add_rejected(const std::vector<ingest::Rejection>& rejected) {
    for (const ingest::Rejection& rejection : rejected) {
      metrics_
          .counter("livedata_forward_rejected_total",
                   "Events, and whole messages, that were refused, by reason",
                   fmt::format("reason=\"{}\"", rejection.reason))
          .add(rejection.count);
    }
  }

 private:
  static std::string label(std::string_view transport) {
    return fmt::format("transport=\"{}\"", transport);
  }

  MetricRegistry& metrics_;
  Counter& bytes_;
  Counter& messages_;
  Counter& events_;
};

}  // namespace livedata::server
