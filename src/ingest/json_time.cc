#include "ingest/json_time.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "base/time_format.h"
#include "ingest/values/json.h"

namespace livedata::ingest {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::int64_t kNsPerMicrosecond = 1'000;

/// Nanoseconds of the unit that a number of this size counts. The borders lie in the years 5138
/// (as seconds) and 1973 (as the next finer unit).
std::int64_t unit_of(double magnitude) {
  if (magnitude < 1e11) return kNsPerSecond;
  if (magnitude < 1e14) return kNsPerSecond / 1'000;
  return magnitude < 1e17 ? kNsPerMicrosecond : 1;
}

tl::unexpected<Error> no_time(std::string_view text) {
  return fail(ErrorCode::kInvalidArgument,
              "'{}' is not a timestamp; use RFC 3339 or a number since 1970", text.substr(0, 64));
}

std::optional<TimestampNs> time_of_integer(std::int64_t number) {
  TimestampNs time = 0;
  const std::int64_t unit = unit_of(std::abs(static_cast<double>(number)));
  if (__builtin_mul_overflow(number, unit, &time)) return std::nullopt;
  return time;
}

std::optional<TimestampNs> time_of_double(double number) {
  constexpr double kLargest = 9.2e15;  // microseconds
  const std::int64_t unit = unit_of(std::abs(number));
  const double microseconds = number * static_cast<double>(unit) / kNsPerMicrosecond;
  if (!std::isfinite(microseconds) || std::abs(microseconds) > kLargest) return std::nullopt;
  return std::llround(microseconds) * kNsPerMicrosecond;
}

/// The first nine digits behind the dot, as billionths.
std::optional<std::int64_t> billionths(std::string_view digits) {
  std::int64_t value = 0;
  std::int64_t scale = kNsPerSecond / 10;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value += (c - '0') * scale;
    scale /= 10;
  }
  return value;
}

/// "-123" or "123.456" without the loss of digits that a double would bring.
std::optional<TimestampNs> time_of_decimal(std::string_view text) {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::string_view whole_text = text.substr(0, dot);
  std::int64_t whole = 0;
  const char* const whole_end = whole_text.data() + whole_text.size();
  const auto [end, error] = std::from_chars(whole_text.data(), whole_end, whole);
  if (error != std::errc() || end != whole_end) return std::nullopt;
  const auto fraction = billionths(text.substr(std::min(dot + 1, text.size())));
  const auto time = time_of_integer(whole);
  if (!fraction || !time) return std::nullopt;
  // Below a unit, so that it does not overflow: whole numbers near the end of 64 bits are
  // nanoseconds.
  const std::int64_t unit = unit_of(std::abs(static_cast<double>(whole)));
  const std::int64_t below = *fraction / (kNsPerSecond / unit);
  TimestampNs sum = 0;
  if (__builtin_add_overflow(*time, text.starts_with('-') ? -below : below, &sum))
    return std::nullopt;
  return sum;
}

/// What decimals alone can't say: "1.7e9".
std::optional<TimestampNs> time_of_scientific(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return time_of_double(number);
}

}  // namespace

Result<TimestampNs> time_of_text(std::string_view text) {
  if (auto time = parse_rfc3339(text)) return *time;
  if (const auto time = time_of_decimal(text)) return *time;
  const bool has_exponent = text.find_first_of("eE") != std::string_view::npos;
  if (const auto time = has_exponent ? time_of_scientific(text) : std::nullopt) return *time;
  return no_time(text);
}

Result<TimestampNs> time_of_json(yyjson_val* value) {
  std::optional<TimestampNs> time;
  if (yyjson_is_str(value)) return time_of_text(json_string(value));
  if (yyjson_is_real(value)) time = time_of_double(yyjson_get_real(value));
  const bool fits = !yyjson_is_uint(value) || yyjson_get_uint(value) <= INT64_MAX;
  if (yyjson_is_int(value) && fits) time = time_of_integer(yyjson_get_sint(value));
  if (!time) return no_time(value == nullptr ? "" : json_text(value));
  return *time;
}

}  // namespace livedata::ingest
