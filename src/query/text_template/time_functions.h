#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "query/text_template/value.h"

namespace livedata::query::text_template {

/// The time in a layout that shows how Go's reference time, Mon Jan 2 15:04:05 -0700 MST 2006, is
/// written.
std::string format_time(std::string_view layout, const Time& time);

/// Reads a text in such a layout; without a zone in it the time is of `zone`.
std::optional<Time> parse_time(std::string_view layout, std::string_view text, const Time& zone);

}  // namespace livedata::query::text_template
