#pragma once

#include <span>
#include <string>
#include <string_view>

#include "query/text_template/value.h"

namespace livedata::query::text_template {

/// Go's fmt.Sprintf for the verbs v s q d b o x X c f F e E g G t T % with flags, width and
/// precision. Stops soon after the largest text that a function may make.
std::string format(std::string_view pattern, std::span<const Value> arguments);

/// In quotes, with Go's escapes.
std::string quoted(std::string_view text, char quote);

}  // namespace livedata::query::text_template
