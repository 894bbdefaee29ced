#pragma once

#include <duckdb/main/client_context.hpp>

namespace livedata::query::sql {

/// Adds the functions of ours: line_field(line, name), the value of a name in a line of JSON or
/// logfmt as plan::find_line_field() finds it, NULL where there is none; and is_in_network(address,
/// range), NULL where one of them is none. Within a transaction.
void add_line_functions(duckdb::ClientContext& context);

}  // namespace livedata::query::sql
