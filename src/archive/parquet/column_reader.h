#pragma once

#include <duckdb.h>

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "archive/parquet/schema.h"
#include "archive/records/exact_record.h"
#include "model/record_batch.h"
#include "storage/segment/column_selection.h"

namespace livedata::archive {

/// Turns the columns of a file back into records. Not thread-safe.
class ColumnReader {
 public:
  /// Streams are made from labels.
  explicit ColumnReader(const std::vector<ValueColumn>& columns);
  /// Streams are those numbered from first_stream on.
  ColumnReader(const std::vector<ValueColumn>& columns, std::span<const StreamRef> streams,
               std::int32_t first_stream, storage::ColumnSelection selection);

  /// What has to stand behind SELECT.
  [[nodiscard]] std::string select_list() const;
  /// Appends the rows of a chunk with those columns. kCorrupt where they make no sense.
  Result<void> add(duckdb_data_chunk chunk);
  RecordBatch take();

 private:
  struct Source {
    std::string name;  ///< of the file's column
    std::string key;   ///< of the field
    FieldType type = FieldType::kString;
    bool is_map = false;
  };

  void plan(const std::vector<ValueColumn>& columns);
  Result<std::uint32_t> ordinal_of(std::int32_t number, duckdb_data_chunk chunk, idx_t row,
                                   const ExactRecord* exact);
  void add_fields(duckdb_data_chunk chunk, idx_t row, RowIndex to);
  void add_value(FieldColumn& column, RowIndex to, duckdb_vector vector, idx_t row) const;
  void add_exact_fields(const ExactRecord& exact, RowIndex to);
  FieldColumn& field_column(const std::string& name, FieldType type);

  const storage::ColumnSelection selection_;
  const bool makes_streams_;
  const std::int32_t first_stream_ = 0;
  std::vector<Source> sources_;  // of fields, in the order of the select list
  bool has_exact_ = false;
  std::unordered_map<std::int32_t, std::uint32_t> ordinal_by_number_;
  std::map<std::pair<std::string, FieldType>, std::size_t> column_index_;
  RecordBatch::Columns out_;
};

}  // namespace livedata::archive
