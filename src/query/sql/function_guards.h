#pragma once

#include <duckdb/main/client_context.hpp>

namespace livedata::query::sql {

/// Puts checks in front of those of DuckDB's functions that make very much of little input in one
/// step, where neither the memory limit nor an interruption is looked at. Within a transaction.
void guard_functions(duckdb::ClientContext& context);

}  // namespace livedata::query::sql
