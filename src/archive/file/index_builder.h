#pragma once

#include <cstdint>
#include <functional>

#include "archive/file/file_index.h"
#include "archive/parquet/parquet_reader.h"
#include "storage/census/column_census.h"

namespace livedata::archive {

/// Adds up records in any order, so that two ways of reading the same ones can be compared.
class RecordSum {
 public:
  void add(const RecordBatch& batch);
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  bool operator==(const RecordSum&) const = default;

 private:
  std::uint64_t rows_ = 0;
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
};

/// What is found out by reading a whole file.
struct FileSurvey {
  FileIndex index;
  storage::ColumnCensus census;
  RecordSum sum;
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
};

/// Reads a file from its first row to its last. kCorrupt where its rows are not sorted as the
/// archive's are. `pace` is called with the bytes of each row group, and ends the reading with its
/// error.
Result<FileSurvey> survey_file(ParquetReader& reader,
                               const std::function<Result<void>(std::size_t)>& pace);

}  // namespace livedata::archive
