#pragma once

#include <array>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "base/metric.h"
#include "ingest/syslog/format/message.h"

namespace livedata::server {

/// What is counted of the messages of one transport.
class SyslogCounters {
 public:
  SyslogCounters(MetricRegistry& metrics, std::string_view transport)
      : bytes_(metrics.counter("livedata_syslog_bytes_total", "Bytes received, by transport",
                               fmt::format("transport=\"{}\"", transport))),
        cut_(metrics.counter("livedata_syslog_messages_cut_total",
                             "Messages that were longer than limits.max_line_bytes",
                             fmt::format("transport=\"{}\"", transport))) {
    for (std::size_t i = 0; i < formats_.size(); ++i) {
      formats_[i] = &metrics.counter("livedata_syslog_messages_total",
                                     "Messages received, by transport and format",
                                     fmt::format("transport=\"{}\",format=\"{}\"", transport,
                                                 ingest::syslog::kFormatNames[i]));
    }
  }

  void add_messages(const std::array<std::uint64_t, ingest::syslog::kNumFormats>& counts) {
    for (std::size_t i = 0; i < formats_.size(); ++i) formats_[i]->add(counts[i]);
  }
  void add_bytes(std::size_t bytes) { bytes_.add(bytes); }
  void add_cut(std::uint64_t messages) { cut_.add(messages); }

 private:
  Counter& bytes_;
  Counter& cut_;
  std::array<Counter*, ingest::syslog::kNumFormats> formats_{};
};

}  // namespace livedata::server
