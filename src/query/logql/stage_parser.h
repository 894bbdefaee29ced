#pragma once

#include "query/logql/ast.h"
#include "query/logql/token_cursor.h"

namespace livedata::query::logql {

/// `{a="b", c=~"d"}`, which some stream without one of the labels must not meet.
Result<std::vector<LabelMatcher>> parse_selector(TokenCursor& cursor);

/// Stages, up to something that is none. `unwrap` takes a `| unwrap` with its filters, behind which
/// no other stage may stand; null where it is not allowed.
Result<void> parse_stages(TokenCursor& cursor, LogExpression& log, std::optional<Unwrap>* unwrap);

/// A selector and its stages; in parentheses or not.
Result<LogExpression> parse_log(TokenCursor& cursor);

}  // namespace livedata::query::logql
