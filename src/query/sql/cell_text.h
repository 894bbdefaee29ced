#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <duckdb/common/types/value.hpp>
#include <duckdb/common/types/vector.hpp>

namespace livedata::query::sql {

/// A JSON string, with quotes. The text is UTF-8.
void append_json_string(std::string_view text, std::string& out);

/// The values of one vector as text, row by row. Times are RFC 3339, other values as DuckDB writes
/// them; lists, structs and maps are JSON.
class CellReader {
 public:
  CellReader(duckdb::Vector& vector, std::size_t count);

  [[nodiscard]] bool is_null(std::size_t row) const;
  /// As JSON: numbers and booleans bare, all else as strings. NaN and infinities, which JSON has no
  /// numbers for, are strings.
  void append_json(std::size_t row, std::string& out) const;
  /// Without quotes. Precondition: not null.
  void append_plain(std::size_t row, std::string& out) const;

 private:
  [[nodiscard]] std::size_t index(std::size_t row) const { return format_.sel->get_index(row); }
  template <class T>
  [[nodiscard]] T get(std::size_t row) const {
    return duckdb::UnifiedVectorFormat::GetData<T>(format_)[index(row)];
  }
  bool append_simple(std::size_t row, bool quoted, std::string& out) const;
  bool append_nested(std::size_t row, std::string& out) const;
  void append_list(std::size_t begin, std::size_t length, std::string& out) const;
  void append_struct(std::size_t row, std::string& out) const;
  void append_map(std::size_t begin, std::size_t length, std::string& out) const;

  duckdb::Vector& vector_;
  duckdb::UnifiedVectorFormat format_;
  std::vector<CellReader> parts_;  // of nested values
};

}  // namespace livedata::query::sql
