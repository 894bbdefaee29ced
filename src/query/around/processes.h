#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/time_range.h"
#include "query/around/context.h"

namespace livedata::query::around {

/// Which processes are meant; what is empty does not count. Several together must all hold.
struct ProcessChoice {
  std::optional<std::int64_t> pid = {};
  std::string name = {};
  std::string unit = {};

  [[nodiscard]] bool empty() const { return !pid && name.empty() && unit.empty(); }
  /// LogQL stages that pass the chosen processes' records of the sources `process*`.
  [[nodiscard]] std::string record_filter() const;
  /// LogQL stages that pass the lines that the chosen processes wrote, by the names that senders
  /// give to process id, program and unit.
  [[nodiscard]] std::string log_filter() const;
};

/// A process as it was read last before an instant.
struct ProcessState {
  std::int64_t pid = 0;
  std::string name;
  std::string command;
  std::string user;
  std::string unit;
  std::string container;
  TimestampNs time = 0;  ///< of the reading
  TimestampNs start_time = 0;
  double cpu_percent = 0;  ///< of one core
  double memory_bytes = 0;
};

/// The table of processes as of `at`: those with most CPU, then with most memory; what had ended by
/// then is not in it.
Result<std::vector<ProcessState>> processes_at(const Context& context, std::string_view host,
                                               TimestampNs at, const ProcessChoice& choice,
                                               std::size_t limit);

}  // namespace livedata::query::around
