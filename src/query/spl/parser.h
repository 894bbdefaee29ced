#pragma once

#include <string_view>
#include <vector>

#include "query/spl/ast.h"
#include "query/spl/fault.h"

namespace livedata::query::spl {

/// Reads a search: a condition or a command, and commands behind | . Regular expressions and times
/// are not looked into.
Parsed<Search> parse(std::string_view text);

/// The names of all commands.
std::vector<std::string_view> command_names();

}  // namespace livedata::query::spl
