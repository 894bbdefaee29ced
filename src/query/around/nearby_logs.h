#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/time_range.h"
#include "query/around/context.h"
#include "query/around/processes.h"
#include "query/query_answer.h"

namespace livedata::query::around {

/// Log lines of a host near an instant.
struct NearbyLogs {
  struct Count {
    std::string name;
    std::uint64_t lines = 0;
  };
  std::vector<LogRow> rows;     ///< the nearest ones, by time
  std::vector<Count> levels;    ///< lines in the whole range by level, most first
  std::vector<Count> services;  ///< the same by service
  std::vector<std::string>
      selectors;  ///< LogQL that selects these logs, without a choice of processes
};

/// Half of `limit` lines up to the instant, and half from there on; more of one where there are
/// less of the other. With a choice, the lines that its processes wrote, also for the counts.
Result<NearbyLogs> logs_near(const Context& context, std::string_view host, const TimeRange& range,
                             TimestampNs at, const ProcessChoice& choice, std::size_t limit);

}  // namespace livedata::query::around
