#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "archive/parquet/schema.h"
#include "model/record_batch.h"
#include "storage/flush/block_builder.h"

namespace livedata::archive {

/// Turns records into the columns of a file, as vectors of DuckDB. Not thread-safe.
class ColumnWriter {
 public:
  explicit ColumnWriter(std::vector<ValueColumn> columns) : columns_(std::move(columns)) {}

  /// Declares the columns.
  void declare(duckdb_bind_info bind) const;
  /// Rows come from this batch from here on.
  void start(std::shared_ptr<const RecordBatch> batch);
  /// Whether the batch has rows that were not written yet.
  [[nodiscard]] bool has_rows() const { return batch_ != nullptr && row_ < batch_->num_rows(); }
  /// Writes the batch's next rows: as many as a chunk takes, fewer where they are large.
  void write(duckdb_data_chunk chunk);

 private:
  /// The entries of one map column in a chunk.
  struct MapColumn;

  [[nodiscard]] RowIndex end_of_chunk() const;
  void write_keys(duckdb_data_chunk chunk, RowIndex end);
  void write_labels(duckdb_data_chunk chunk, RowIndex end);
  void write_fields(duckdb_data_chunk chunk, RowIndex end);
  void write_exact(duckdb_data_chunk chunk, RowIndex end);
  std::int32_t stream_number(const Stream& stream);

  const std::vector<ValueColumn> columns_;
  std::unordered_map<StreamId, std::int32_t> stream_numbers_;
  std::shared_ptr<const RecordBatch> batch_;
  RowIndex row_ = 0;
  std::vector<bool> inexact_;
  storage::FieldsByRow fields_;
  std::vector<std::size_t> column_of_;  // chunk's column by the batch's field column; 0: a map
};

}  // namespace livedata::archive
