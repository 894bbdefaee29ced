#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/plan/row.h"

namespace livedata::query::plan {

using ParserExpressions = std::vector<std::pair<std::string, std::string>>;

/// Adds a JSON line's members to the row: nested names joined by '_', arrays and nulls left out.
/// With expressions (name, path such as a.b[0]) just those, objects and arrays as JSON text. A line
/// that is no JSON object sets __error__ to JSONParserErr.
void parse_json_line(const ParserExpressions& expressions, Row& row);

struct LogfmtOptions {
  bool strict = false;  ///< a malformed pair sets __error__ to LogfmtParserErr and ends the parsing
  bool keep_empty = false;  ///< keys without a value become empty labels
};

/// Adds a logfmt line's pairs to the row. With expressions (name, key) just those.
void parse_logfmt_line(const ParserExpressions& expressions, const LogfmtOptions& options,
                       Row& row);

}  // namespace livedata::query::plan
