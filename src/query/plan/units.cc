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
    ByteUnit{"pib", 1125899906842624.0},
};

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_bytes(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  std::string unit;
  for (const char* at = end; at != text.data() + text.size(); ++at) {
    if (*at != ' ') unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
  }
  for (const ByteUnit& known : kByteUnits) {
    if (known.name == unit) return value * known.bytes;
  }
  return std::nullopt;
}

std::optional<double> parse_duration_ns(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? std::optional(static_cast<double>(*duration)) : std::nullopt;
}

std::string format_value(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace livedata::query::plan
