#pragma once

#include <string_view>

namespace livedata::query::sql {

/// Version of the DuckDB library in use, such as "v1.4.4".
std::string_view duckdb_version();

}  // namespace livedata::query::sql
