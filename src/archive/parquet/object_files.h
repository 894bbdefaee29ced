#pragma once

#include <duckdb.h>

#include <string>
#include <string_view>

#include "archive/object_store/object_store.h"
#include "base/deadline.h"

namespace livedata::archive {

/// Lets a DuckDB read the objects of a store, under paths of object_path(). The store must outlive
/// the DuckDB. Reads end with the deadline.
void add_object_files(duckdb_database database, ObjectStore& store, const Deadline& deadline);

/// Where a DuckDB that was given the store finds an object.
std::string object_path(std::string_view key);

}  // namespace livedata::archive
