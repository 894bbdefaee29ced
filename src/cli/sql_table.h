#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace livedata::cli {

/// An answer of /api/v1/sql in JSON as a table for a terminal. With a width above 0, texts are cut
/// so that lines fit, as far as columns of ten characters allow it.
Result<std::string> format_sql_table(std::string_view json, std::size_t width);

}  // namespace livedata::cli
