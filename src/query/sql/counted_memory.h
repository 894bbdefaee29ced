#pragma once

#include <cstddef>
#include <memory>

#include <duckdb/common/allocator.hpp>

namespace livedata::query::sql {

/// Raises what DuckDB may allocate by so many bytes, until the returned handle goes.
///
/// DuckDB's memory limit is on what its operators keep; the texts and lists that a function makes,
/// as repeat('x', 1000000000) does, are not counted. They come from the database's allocator, or
/// from one of the whole process. That one is replaced here, once, by one that counts, and that
/// refuses what goes beyond the sum of all handles: then that query, or another one at that moment,
/// ends for want of memory. Thread-safe.
std::shared_ptr<void> allow_memory(std::size_t bytes);

/// The same for a database to use.
duckdb::unique_ptr<duckdb::Allocator> counting_allocator();

/// Bytes that are allocated now.
std::size_t counted_memory();

}  // namespace livedata::query::sql
