#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/time_range.h"
#include "query/around/context.h"
#include "query/around/processes.h"

namespace livedata::query::around {

/// Something that happened on a host.
struct HostEvent {
  TimestampNs time = 0;
  std::string kind;  ///< started, exited, unit, oom_kill
  std::string text;  ///< for people: "nginx.service: active -> failed"
};

/// Processes that started or ended, units that changed, processes that were killed for want of
/// memory: the `limit` ones nearest to `at`, by time. With a choice, those of its processes.
Result<std::vector<HostEvent>> events_near(const Context& context, std::string_view host,
                                           const TimeRange& range, TimestampNs at,
                                           const ProcessChoice& choice, std::size_t limit);

}  // namespace livedata::query::around
