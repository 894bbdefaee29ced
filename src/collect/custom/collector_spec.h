#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collect/custom/http_url.h"
#include "collect/custom/output_format.h"
#include "collect/custom/readings.h"
#include "model/labels.h"

namespace livedata::collect::custom {

/// One entry of the section `collectors`: a command that is run, or an address that is asked.
struct CollectorSpec {
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  std::string name;                  ///< the label `source` of its records
  std::vector<std::string> command;  ///< program and arguments; empty: `url` is asked
  Pairs environment = {};            ///< beside the little that every command gets
  std::string folder = "/";          ///< where the command runs
  HttpUrl url = {};
  Pairs headers = {};        ///< of the request; may be secrets
  std::string ca_file = {};  ///< trusted for https in place of the system's; "": those
  std::chrono::nanoseconds interval = std::chrono::seconds(30);
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);
  OutputFormat format = OutputFormat::kAuto;
  std::vector<Label> labels = {};  ///< of all records
  /// Which texts of its readings become labels of their streams, the others become fields; none:
  /// those of Prometheus text but le and quantile, and none of other formats.
  std::optional<std::vector<std::string>> stream_labels = {};
  std::size_t max_output_bytes = std::size_t{1} << 20U;
  ReadingLimits limits = {};
  bool expose = true;  ///< whether /metrics/host shows what was read last
};

}  // namespace livedata::collect::custom
