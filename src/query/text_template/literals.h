#pragma once

#include <string_view>

#include "base/result.h"
#include "query/text_template/value.h"

namespace livedata::query::text_template {

/// Reads the string, character or number at the start of `rest`, which is not empty, and takes it
/// off. On failure `rest` still stands where the literal begins.
Result<Value> take_literal(std::string_view& rest);

}  // namespace livedata::query::text_template
