#pragma once

#include <duckdb/main/client_context.hpp>

#include "query/sql/scan_source.h"

namespace livedata::query::sql {

/// Makes the source's tables known to a connection's database, as views of a table function that
/// scans the store: in parallel over blocks, with the columns that are needed, and with what it can
/// do of the filters. Throws DuckDB's exceptions.
void add_tables(duckdb::ClientContext& context, ScanSource& source);

}  // namespace livedata::query::sql
