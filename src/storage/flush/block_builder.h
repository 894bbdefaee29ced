#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/record_batch.h"

namespace livedata::storage {

/// The fields of every row of a batch, row by row: a batch keeps them column by column, which is
/// slow to pick single rows from.
class FieldsByRow {
 public:
  struct Entry {
    std::uint32_t column = 0;  ///< of the batch
    std::uint32_t value = 0;   ///< index in that column
  };

  FieldsByRow() = default;
  explicit FieldsByRow(const RecordBatch& batch);
  [[nodiscard]] std::span<const Entry> of(RowIndex row) const {
    return std::span(entries_).subspan(begins_[row], begins_[row + 1] - begins_[row]);
  }

 private:
  std::vector<std::size_t> begins_;
  std::vector<Entry> entries_;
};

/// Gathers sorted rows into the columns of one block after the other. Rows come from attached
/// batches, of which there may be many over time and few at once.
class BlockBuilder {
 public:
  using Slot = std::uint32_t;

  /// A batch that rows will come from. It must stay alive until it is detached.
  Slot attach(const RecordBatch& batch);
  /// No more rows will come from it; the slot may be given again.
  void detach(Slot slot);

  /// Adds a row of the batch in the slot; `stream` is the row's ordinal in the segment.
  void add(Slot slot, RowIndex row, std::uint32_t stream);
  [[nodiscard]] bool empty() const { return columns_.timestamps.empty(); }
  /// Bytes of lines and fields so far.
  [[nodiscard]] std::size_t raw_bytes() const { return raw_bytes_; }
  /// The columns so far; the builder is empty afterwards. Fields without rows are among them.
  RecordBatch::Columns take();

 private:
  struct Source {
    const RecordBatch* batch = nullptr;  // null: a free slot
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
