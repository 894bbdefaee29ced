#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace livedata::query::plan {

/// A size such as "10", "1,000", "5KiB" (1024), "5kB" (1000) or "1.5MB", in whole bytes; no sign.
std::optional<double> parse_bytes(std::string_view text);

/// A decimal or scientific number; the whole text must be one.
std::optional<double> parse_number(std::string_view text);

/// A duration such as "1h30m" or "250ms", in nanoseconds. Hours are the largest unit, as in Go.
std::optional<double> parse_duration_ns(std::string_view text);

/// The value as Loki prints samples: the shortest decimal text that reads back, never with an
/// exponent; "NaN", "+Inf", "-Inf".
std::string format_value(double value);

}  // namespace livedata::query::plan
