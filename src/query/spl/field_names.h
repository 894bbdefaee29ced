#pragma once

#include <set>
#include <string>

#include "query/spl/ast.h"

namespace livedata::query::spl {

/// Names of fields that a search mentions, those with * left out; not those of its subsearches.
std::set<std::string> field_names(const Search& search);

}  // namespace livedata::query::spl
