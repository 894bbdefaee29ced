#include "query/sql/duckdb_version.h"

#include <duckdb.h>

namespace livedata::query::sql {

std::string_view duckdb_version() { return duckdb_library_version(); }

}  // namespace livedata::query::sql
