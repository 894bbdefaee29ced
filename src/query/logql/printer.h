#pragma once

#include <string>
#include <string_view>

#include "query/logql/ast.h"

namespace livedata::query::logql {

/// The query on one line, in the form that stands for all ways to write it: parse(print(q)) means
/// what q means, and prints the same.
std::string print(const Expression& expression);
std::string print(const LogExpression& expression);
std::string print(const MetricExpression& expression);
/// One stage with its bar, such as `| json`.
std::string print(const Stage& stage);

/// A string literal with the text.
std::string quoted(std::string_view text);

/// The same for people: what is longer than a hundred characters is cut into indented lines.
std::string format_query(const Expression& expression);

}  // namespace livedata::query::logql
