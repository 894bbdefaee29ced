#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "query/text_template/value.h"

namespace livedata::query::text_template {

/// The time in a layout that shows how Go's reference time, Mon Jan 2 15:04:05 -0700 MST 2006, is
/// written.
std::string format_time(std::string_view layout, const Time& time);

/// Reads a text in such a layout; without a zone in it the time is of `zone`.
std::optional<Time> parse_time(std::string_view layout, std::string_view text, const Time& zone);

/// Whole units since 1970, rounded down.
std::int64_t units_since_epoch(const Time& time, std::int64_t unit_ns);

/// Such as +0200 or +02:00.
std::string offset_text(std::int64_t offset_seconds, std::string_view colon);

}  // namespace livedata::query::text_template
