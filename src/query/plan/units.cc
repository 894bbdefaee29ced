#include "query/plan/units.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "base/time_format.h"

namespace livedata::query::plan {
namespace {

struct ByteUnit {
  std::string_view name;  // lower case
  double bytes;
};
constexpr std::array kByteUnits = {
    ByteUnit{"", 1},
    ByteUnit{"b", 1},
    ByteUnit{"kb", 1e3},
    ByteUnit{"k", 1e3},
    ByteUnit{"kib", 1024},
    ByteUnit{"ki", 1024},
    ByteUnit{"mb", 1e6},
    ByteUnit{"m", 1e6},
    ByteUnit{"mib", 1048576.0},
    ByteUnit{"mi", 1048576.0},
    ByteUnit{"gb", 1e9},
    ByteUnit{"g", 1e9},
    ByteUnit{"gib", 1073741824.0},
    ByteUnit{"gi", 1073741824.0},
    ByteUnit{"tb", 1e12},
    ByteUnit{"t", 1e12},
    ByteUnit{"tib", 1099511627776.0},
    ByteUnit{"ti", 1099511627776.0},
    ByteUnit{"pb", 1e15},
    ByteUnit{"p", 1e15},
    ByteUnit{"pib", 1125899906842624.0},
    ByteUnit{"pi", 1125899906842624.0},
    ByteUnit{"eb", 1e18},
    ByteUnit{"e", 1e18},
    ByteUnit{"eib", 1152921504606846976.0},
    ByteUnit{"ei", 1152921504606846976.0},
};

constexpr double kMaxBytes = 18446744073709551616.0;  // 2^64

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_bytes(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789.,"), text.size());
  std::string number(text.substr(0, digits));
  std::erase(number, ',');
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value,
                                            std::chars_format::fixed);
  if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  std::string unit;
  for (const char c : text.substr(digits)) {
    if (c != ' ') unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const ByteUnit& known : kByteUnits) {
    if (known.name != unit) continue;
    const double bytes = std::trunc(value * known.bytes);
    return bytes < kMaxBytes ? std::optional(bytes) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> parse_duration_ns(std::string_view text) {
  if (text.find_first_of("dwy") != std::string_view::npos) return std::nullopt;
  const auto duration = parse_duration(text);
  return duration ? std::optional(static_cast<double>(*duration)) : std::nullopt;
}

std::string format_value(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  // The smallest doubles have over 300 places behind the point.
  std::array<char, 400> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return {text.data(), end};
}

}  // namespace livedata::query::plan
