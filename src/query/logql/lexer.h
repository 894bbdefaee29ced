#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/logql/token.h"

namespace livedata::query::logql {

/// Cuts a query into tokens, the last of which is kEnd. Comments (# to the end of the line) are
/// left out. kInvalidArgument with line and column for a character or literal that belongs to no
/// token.
Result<std::vector<Token>> tokenize(std::string_view query);

/// The error "parse error at line L, col C: message".
tl::unexpected<Error> parse_error(const Token& at, std::string_view message);

}  // namespace livedata::query::logql
