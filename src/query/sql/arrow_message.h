#pragma once

#include <string>

struct ArrowSchema;
struct ArrowArray;

namespace livedata::query::sql {

/// Messages of Arrow's IPC stream format, version 5 (arrow.apache.org/docs/format/Columnar.html),
/// of what Arrow's C data interface holds. Throw duckdb::NotImplementedException for types that are
/// not written: unions and dictionaries.
void append_arrow_schema(const ArrowSchema& schema, std::string& out);
void append_arrow_batch(const ArrowSchema& schema, const ArrowArray& batch, std::string& out);
void append_arrow_end(std::string& out);

}  // namespace livedata::query::sql
