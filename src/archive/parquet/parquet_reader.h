#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "archive/object_store/object_store.h"
#include "archive/parquet/schema.h"
#include "base/deadline.h"
#include "base/file_system.h"
#include "model/record_batch.h"
#include "storage/segment/column_selection.h"

namespace livedata::archive {

/// What a file's footer says.
struct ParquetDescription {
  int schema_version = 0;
  std::vector<ValueColumn> columns;
  std::map<std::string, std::string> metadata;  ///< all pairs
  struct RowGroup {
    std::uint64_t first_row = 0;
    std::uint64_t num_rows = 0;
  };
  std::vector<RowGroup> row_groups;
};

/// Rows of a file to be read. The ranges of stream numbers and times must hold all of them: they
/// let what else the file has be skipped.
struct ParquetRows {
  std::uint64_t first_row = 0;
  std::uint64_t num_rows = 0;
  std::int32_t first_stream = 0;
  std::int32_t last_stream = INT32_MAX;
  TimestampNs min_timestamp = INT64_MIN;
  TimestampNs max_timestamp = INT64_MAX;
};

/// Reads a Parquet file that was written by write_parquet(). Not thread-safe.
class ParquetReader {
 public:
  /// A local file. kInvalidArgument for a Parquet file that is not ours; kUnsupported for one of a
  /// later version.
  static Result<std::unique_ptr<ParquetReader>> open(const Path& path);
  /// An object of a store, which must outlive the reader.
  static Result<std::unique_ptr<ParquetReader>> open(ObjectStore& store, std::string_view key,
                                                     const Deadline& deadline);
  /// The same, knowing the columns: the description has nothing else.
  static Result<std::unique_ptr<ParquetReader>> open(ObjectStore& store, std::string_view key,
                                                     std::vector<ValueColumn> columns,
                                                     const Deadline& deadline);
  ~ParquetReader();

  [[nodiscard]] const ParquetDescription& description() const { return description_; }

  /// The rows, with streams made from their labels.
  Result<RecordBatch> read(const ParquetRows& rows);
  /// The selected columns of the rows. `streams` are those numbered first_stream to last_stream.
  Result<RecordBatch> read(const ParquetRows& rows, std::span<const StreamRef> streams,
                           const storage::ColumnSelection& selection);

 private:
  class Impl;
  explicit ParquetReader(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  ParquetDescription description_;
};

}  // namespace livedata::archive
