#include "ingest/otlp/json_field.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace livedata::ingest::otlp {
namespace {

using namespace livedata_yyjson;  // NOLINT(google-build-using-namespace): a C library's names

constexpr std::size_t kMaxQuoted = 64;  // bytes of a wrong value in an error

tl::unexpected<Error> wrong(std::string_view name, yyjson_val* value, std::string_view expected) {
  const std::string text = yyjson_is_ctn(value) ? std::string(yyjson_get_type_desc(value))
                                                : json_text(value).substr(0, kMaxQuoted);
  return fail(ErrorCode::kInvalidArgument, "\"{}\" is {}, and should be {}", name, text, expected);
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

/// A double that is an integer of that type, such as 1e3.
template <class Integer>
bool to_integer(double real, Integer& number) {
  // Both bounds are powers of two or 0, which doubles hold exactly.
  constexpr auto kMin = static_cast<double>(std::numeric_limits<Integer>::min());
  const double end = std::ldexp(1.0, std::numeric_limits<Integer>::digits);
  if (!(real >= kMin && real < end) || std::trunc(real) != real) return false;
  number = static_cast<Integer>(real);
  return true;
}

template <class Integer>
Result<Integer> read_integer(std::string_view name, yyjson_val* value, std::string_view expected) {
  Integer number = 0;
  double real = 0;
  if (yyjson_is_null(value)) return number;
  if (yyjson_is_uint(value)) {
    const std::uint64_t given = yyjson_get_uint(value);
    if (given > static_cast<std::uint64_t>(std::numeric_limits<Integer>::max()))
      return wrong(name, value, expected);
    return static_cast<Integer>(given);
  }
  if (yyjson_is_sint(value)) {
    const std::int64_t given = yyjson_get_sint(value);  // below 0, or it were an uint
    if (given < static_cast<std::int64_t>(std::numeric_limits<Integer>::min()))
      return wrong(name, value, expected);
    return static_cast<Integer>(given);
  }
  if (yyjson_is_real(value) && to_integer(yyjson_get_real(value), number)) return number;
  const std::string_view text = json_string(value);
  if (yyjson_is_str(value) &&
      (parse_number(text, number) || (parse_number(text, real) && to_integer(real, number))))
    return number;
  return wrong(name, value, expected);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<std::int64_t> read_int64(std::string_view name, yyjson_val* value) {
  return read_integer<std::int64_t>(name, value, "a 64-bit integer");
}

Result<std::uint64_t> read_uint64(std::string_view name, yyjson_val* value) {
  return read_integer<std::uint64_t>(name, value, "an integer from 0 to 2^64-1");
}

Result<std::uint32_t> read_uint32(std::string_view name, yyjson_val* value) {
  return read_integer<std::uint32_t>(name, value, "an integer from 0 to 2^32-1");
}

Result<double> read_double(std::string_view name, yyjson_val* value) {
  if (yyjson_is_null(value)) return 0.0;
  if (yyjson_is_num(value)) return yyjson_get_num(value);
  const std::string_view text = json_string(value);
  double number = 0;
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (parse_number(text, number) && std::isfinite(number)) return number;
  return wrong(name, value, "a number");
}

Result<bool> read_bool(std::string_view name, yyjson_val* value) {
  if (yyjson_is_null(value)) return false;
  if (yyjson_is_bool(value)) return yyjson_get_bool(value);
  return wrong(name, value, "true or false");
}

Result<std::string_view> read_text(std::string_view name, yyjson_val* value) {
  if (!yyjson_is_str(value) && !yyjson_is_null(value)) return wrong(name, value, "a string");
  return json_string(value);
}

Result<std::int64_t> read_severity(std::string_view name, yyjson_val* value) {
  constexpr std::array<std::string_view, 6> kLevels = {"TRACE", "DEBUG", "INFO",
                                                       "WARN",  "ERROR", "FATAL"};
  constexpr std::string_view kPrefix = "SEVERITY_NUMBER_";
  constexpr std::int64_t kSteps = 4;
  if (!yyjson_is_str(value))
    return read_integer<std::int32_t>(name, value, "a 32-bit integer or the name of a severity");
  std::string_view text = json_string(value);
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  if (text == "UNSPECIFIED") return 0;
  for (std::size_t level = 0; level < kLevels.size(); ++level) {
    if (!text.starts_with(kLevels[level])) continue;
    const std::string_view step = text.substr(kLevels[level].size());
    const std::int64_t first = 1 + kSteps * static_cast<std::int64_t>(level);
    if (step.empty()) return first;
    if (step.size() == 1 && step[0] >= '2' && step[0] <= '4') return first + (step[0] - '1');
  }
  return read_integer<std::int32_t>(name, value, "a 32-bit integer or the name of a severity");
}

Result<void> read_id(std::string_view name, yyjson_val* value, std::string& id) {
  LIVEDATA_TRY(const std::string_view text, read_text(name, value));
  if (text.size() % 2 != 0) return wrong(name, value, "an even number of hexadecimal digits");
  id.clear();
  bool all_zero = true;
  for (const char c : text) {
    const int digit = hex_digit(c);
    if (digit < 0) return wrong(name, value, "hexadecimal");
    all_zero = all_zero && digit == 0;
    id += "0123456789abcdef"[digit];
  }
  if (all_zero) id.clear();
  return {};
}

}  // namespace livedata::ingest::otlp
