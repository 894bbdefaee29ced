#pragma once

#include <string>

#include "query/spl/ast.h"

namespace livedata::query::spl {

/// The canonical text of a search, which parses to the same tree.
std::string print(const Search& search);
std::string print(const Command& command);
std::string print(const Expression& expression);
std::string print(const Condition& condition);
/// "text" with its quotes and escapes.
std::string quoted(std::string_view text, char quote = '"');
/// fn(field), as a column is called that has no name of its own.
std::string print_call(const Aggregation& aggregation);

}  // namespace livedata::query::spl
