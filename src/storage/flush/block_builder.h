#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/record_batch.h"
#include "storage/flush/row_order.h"

namespace livedata::storage {

/// The fields of every row of a batch, row by row: a batch keeps them column by column, which is
/// slow to pick single rows from.
class FieldsByRow {
 public:
  struct Entry {
    std::uint32_t column = 0;  ///< of the batch
    std::uint32_t value = 0;   ///< index in that column
  };

  explicit FieldsByRow(const RecordBatch& batch);
  [[nodiscard]] std::span<const Entry> of(RowIndex row) const {
    return std::span(entries_).subspan(begins_[row], begins_[row + 1] - begins_[row]);
  }

 private:
  std::vector<std::size_t> begins_;
  std::vector<Entry> entries_;
};

/// Gathers sorted rows into the columns of one block after the other.
class BlockBuilder {
 public:
  explicit BlockBuilder(BatchList batches);

  void add(const SortedRow& row);
  [[nodiscard]] bool empty() const { return columns_.timestamps.empty(); }
  /// Bytes of lines and fields so far.
  [[nodiscard]] std::size_t raw_bytes() const { return raw_bytes_; }
  /// The columns so far; the builder is empty afterwards. Fields without rows are among them.
  RecordBatch::Columns take();

 private:
  struct Source {
    const RecordBatch* batch;
    FieldsByRow fields;
    std::vector<std::uint32_t> block_column;  // by the batch's column
  };

  std::uint32_t block_column(const FieldColumn& column);
  void add_field(const FieldColumn& from, std::uint32_t value, RowIndex row, FieldColumn& to);

  std::vector<Source> sources_;
  std::map<std::pair<std::string, FieldType>, std::uint32_t> column_index_;
  RecordBatch::Columns columns_;
  std::size_t raw_bytes_ = 0;
};

}  // namespace livedata::storage
