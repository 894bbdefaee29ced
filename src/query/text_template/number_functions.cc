#include <algorithm>
#include <array>
#include <cmath>

#include "query/plan/units.h"
#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

/// Whole numbers, wrapping around as Go's do.
std::int64_t wrap(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }
std::uint64_t bits(std::int64_t number) { return static_cast<std::uint64_t>(number); }

double number(const Value& value) { return to_double(value).value_or(0); }

template <auto kCombine>
Result<Value> fold_ints(Arguments arguments, const CallContext& /*context*/) {
  std::int64_t total = to_int(arguments[0]);
  for (const Value& more : arguments.subspan(1)) total = kCombine(total, to_int(more));
  return Value(total);
}

template <auto kCombine>
Result<Value> fold_floats(Arguments arguments, const CallContext& /*context*/) {
  double total = number(arguments[0]);
  for (const Value& more : arguments.subspan(1)) total = kCombine(total, number(more));
  return Value(total);
}

template <bool kQuotient>
Result<Value> divide(Arguments arguments, const CallContext& /*context*/) {
  const std::int64_t left = to_int(arguments[0]);
  const std::int64_t right = to_int(arguments[1]);
  if (right == 0) return fail(ErrorCode::kInvalidArgument, "division by zero");
  if (right == -1) return Value(kQuotient ? wrap(0 - bits(left)) : std::int64_t{0});
  return Value(kQuotient ? left / right : left % right);
}

Result<Value> round_to(Arguments arguments, const CallContext& /*context*/) {
  const double value = number(arguments[0]);
  const auto digits =
      static_cast<double>(std::clamp<std::int64_t>(to_int(arguments[1]), -300, 300));
  const double round_on = arguments.size() > 2 ? number(arguments[2]) : 0.5;
  const double scale = std::pow(10.0, digits);
  const double scaled = scale * value;
  // So large that it has no such digits.
  if (!std::isfinite(scaled)) return Value(value);
  const double fraction = std::fmod(scaled, 1.0);
  // Halves go away from zero, unless told otherwise.
  const double rounded = std::abs(fraction) >= round_on
                             ? (scaled < 0 ? std::floor(scaled) : std::ceil(scaled))
                             : std::trunc(scaled);
  return Value(rounded / scale);
}

template <auto kChange>
Result<Value> on_float(Arguments arguments, const CallContext& /*context*/) {
  return Value(static_cast<double>(kChange(number(arguments[0]))));
}

Result<Value> bytes(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  const auto size = plan::parse_bytes(text);
  if (!size) return fail(ErrorCode::kInvalidArgument, "'{}' is no size such as 5KiB", text);
  return Value(*size);
}

Result<Value> duration(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const std::string text, text_argument(arguments[0]));
  const auto ns = plan::parse_duration_ns(text);
  if (!ns) return fail(ErrorCode::kInvalidArgument, "'{}' is no duration such as 1m30s", text);
  return Value(*ns / static_cast<double>(kNsPerSecond));
}

constexpr std::array kFunctions = {
    Function{"int", 1, 1,
             [](Arguments a, const CallContext&) { return Result<Value>(Value(to_int(a[0]))); }},
    Function{"float64", 1, 1, on_float<[](double d) { return d; }>},
    Function{"add", 1, kAnyNumber,
             fold_ints<[](std::int64_t a, std::int64_t b) { return wrap(bits(a) + bits(b)); }>},
    Function{"sub", 2, 2,
             fold_ints<[](std::int64_t a, std::int64_t b) { return wrap(bits(a) - bits(b)); }>},
    Function{"mul", 1, kAnyNumber,
             fold_ints<[](std::int64_t a, std::int64_t b) { return wrap(bits(a) * bits(b)); }>},
    Function{"div", 2, 2, divide<true>},
    Function{"mod", 2, 2, divide<false>},
    Function{"max", 1, kAnyNumber,
             fold_ints<[](std::int64_t a, std::int64_t b) { return std::max(a, b); }>},
    Function{"min", 1, kAnyNumber,
             fold_ints<[](std::int64_t a, std::int64_t b) { return std::min(a, b); }>},
    Function{"addf", 1, kAnyNumber, fold_floats<[](double a, double b) { return a + b; }>},
    Function{"subf", 1, kAnyNumber, fold_floats<[](double a, double b) { return a - b; }>},
    Function{"mulf", 1, kAnyNumber, fold_floats<[](double a, double b) { return a * b; }>},
    Function{"divf", 1, kAnyNumber, fold_floats<[](double a, double b) { return a / b; }>},
    Function{"maxf", 1, kAnyNumber, fold_floats<[](double a, double b) { return std::max(a, b); }>},
    Function{"minf", 1, kAnyNumber, fold_floats<[](double a, double b) { return std::min(a, b); }>},
    Function{"ceil", 1, 1, on_float<[](double d) { return std::ceil(d); }>},
    Function{"floor", 1, 1, on_float<[](double d) { return std::floor(d); }>},
    Function{"round", 2, 3, round_to},
    Function{"bytes", 1, 1, bytes},
    Function{"duration", 1, 1, duration},
    Function{"duration_seconds", 1, 1, duration},
};

}  // namespace

std::span<const Function> number_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
