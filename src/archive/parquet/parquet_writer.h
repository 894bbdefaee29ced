#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "archive/parquet/schema.h"
#include "base/bytes.h"
#include "base/file_system.h"
#include "model/record_batch.h"

namespace livedata::archive {

/// Gives records batch by batch; null at the end. Called by one thread.
using RecordSource = std::function<Result<std::shared_ptr<const RecordBatch>>()>;

struct ParquetWriteOptions {
  std::vector<ValueColumn> columns = {};
  /// Key-value pairs for the file's metadata, beside those that a reader of ours needs.
  std::map<std::string, std::string> metadata = {};
  std::size_t row_group_rows = 122'880;
  std::size_t row_group_bytes = 32_MiB;  ///< in memory; a row group is also full with these
  int zstd_level = 9;
  std::size_t memory_bytes = 1_GiB;  ///< of DuckDB
};

/// Writes a file, in place of what is there. The rows are in the order in which they come. The file
/// is not synced. Errors of the source are returned as they are; after a failure the file may be
/// there in part.
Result<void> write_parquet(const Path& path, const ParquetWriteOptions& options,
                           const RecordSource& source);

}  // namespace livedata::archive
