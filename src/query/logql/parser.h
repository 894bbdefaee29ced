#pragma once

#include <string_view>

#include "base/result.h"
#include "query/logql/ast.h"

namespace livedata::query::logql {

/// Parses a query. kInvalidArgument tells line, column and what was expected. Length and nesting
/// are bounded.
Result<Expression> parse(std::string_view query);

/// Parses a query that must be a stream selector and nothing more.
Result<std::vector<LabelMatcher>> parse_selector_text(std::string_view text);

}  // namespace livedata::query::logql
