#include <array>

#include "query/text_template/functions.h"

namespace livedata::query::text_template {
namespace {

tl::unexpected<Error> incomparable(const Value& left, const Value& right) {
  return fail(ErrorCode::kInvalidArgument, "incompatible types for comparison: {} and {}",
              type_name(left), type_name(right));
}

/// Whether the first argument equals one of the others.
Result<bool> equals_any(Arguments arguments) {
  for (const Value& other : arguments.subspan(1)) {
    const auto same = equal(arguments[0], other);
    if (!same) return incomparable(arguments[0], other);
    if (*same) return true;
  }
  return false;
}

Result<Value> eq(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const bool same, equals_any(arguments));
  return Value(same);
}

Result<Value> ne(Arguments arguments, const CallContext& /*context*/) {
  LIVEDATA_TRY(const bool same, equals_any(arguments));
  return Value(!same);
}

template <auto kHolds>
Result<Value> compares(Arguments arguments, const CallContext& /*context*/) {
  const auto ordering = order(arguments[0], arguments[1]);
  if (!ordering) return incomparable(arguments[0], arguments[1]);
  return Value(bool{kHolds(*ordering)});
}

Result<Value> negate(Arguments arguments, const CallContext& /*context*/) {
  return Value(!is_true(arguments[0]));
}

/// The execution itself looks for the argument that decides, so that it can leave out the rest.
Result<Value> last_argument(Arguments arguments, const CallContext& /*context*/) {
  return arguments.back();
}

constexpr std::array kFunctions = {
    Function{"and", 1, kAnyNumber, last_argument},
    Function{"or", 1, kAnyNumber, last_argument},
    Function{"not", 1, 1, negate},
    Function{"eq", 2, kAnyNumber, eq},
    Function{"ne", 2, 2, ne},
    Function{"lt", 2, 2, compares<[](std::partial_ordering o) { return std::is_lt(o); }>},
    Function{"le", 2, 2, compares<[](std::partial_ordering o) { return std::is_lteq(o); }>},
    Function{"gt", 2, 2, compares<[](std::partial_ordering o) { return std::is_gt(o); }>},
    Function{"ge", 2, 2, compares<[](std::partial_ordering o) { return std::is_gteq(o); }>},
};

}  // namespace

std::span<const Function> comparison_functions() { return kFunctions; }

}  // namespace livedata::query::text_template
