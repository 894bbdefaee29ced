#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace livedata::cli {

/// What /api/v1/around answers, for a terminal. Control characters in what others wrote are shown
/// as
/// '?'. `now` decides which times need their day.
Result<std::string> show_around(std::string_view json, TimestampNs now);

/// What /api/v1/spikes answers.
Result<std::string> show_spikes(std::string_view json, std::string_view host, TimestampNs now);

/// What /api/v1/hosts answers.
Result<std::string> show_hosts(std::string_view json);

}  // namespace livedata::cli
