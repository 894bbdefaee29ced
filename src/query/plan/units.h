#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace livedata::query::plan {

/// A size such as "10", "5KiB" (1024), "5kB" (1000) or "1.5MB", in bytes.
std::optional<double> parse_bytes(std::string_view text);

/// A decimal or scientific number; the whole text must be one.
std::optional<double> parse_number(std::string_view text);

/// A duration such as "1h30m" or "250ms", in nanoseconds.
std::optional<double> parse_duration_ns(std::string_view text);

/// The value as Loki prints samples: the shortest text that reads back, "NaN", "+Inf", "-Inf".
std::string format_value(double value);

}  // namespace livedata::query::plan
