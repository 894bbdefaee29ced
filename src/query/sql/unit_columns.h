#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <duckdb/common/types/vector.hpp>

#include "model/record_batch.h"
#include "query/sql/table.h"

namespace livedata::query::sql {

duckdb::LogicalType logical_type(ColumnType type);

/// One column of a table over the records of one batch, as DuckDB's vectors. Texts are not copied:
/// the vectors keep the batch alive. Labels come as dictionaries, or as one constant where all rows
/// of a vector have the same value. Used by one thread.
class UnitColumn {
 public:
  UnitColumn(const Column& column, std::shared_ptr<const RecordBatch> batch);

  /// Fills the vector's first rows.size() places with the values of these rows. Calls come with
  /// ascending rows. At most STANDARD_VECTOR_SIZE rows.
  void fill(std::span<const RowIndex> rows, duckdb::Vector& out);

 private:
  /// The batch's column of one type, and how far it has been read.
  struct Part {
    const FieldColumn* column = nullptr;
    std::size_t next = 0;
    bool is_ascii = true;
  };

  void make_dictionary();
  void make_labels();
  void find_parts(std::string_view name);
  void fill_times(std::span<const RowIndex> rows, duckdb::Vector& out) const;
  void fill_lines(std::span<const RowIndex> rows, duckdb::Vector& out);
  void fill_labels(std::span<const RowIndex> rows, duckdb::Vector& out);
  void fill_dictionary(std::span<const RowIndex> rows, duckdb::Vector& out);
  void fill_attribute(std::span<const RowIndex> rows, duckdb::Vector& out);
  void fill_part(Part& part, std::span<const RowIndex> rows, duckdb::Vector& out);
  template <class Put>
  void for_each_value(Part& part, std::span<const RowIndex> rows, const Put& put) const;
  void fill_fields(std::span<const RowIndex> rows, duckdb::Vector& out);
  [[nodiscard]] std::string_view label_of(RowIndex row) const {
    return batch_->stream(row).labels.get(column_.attribute);
  }

  const Column& column_;
  std::shared_ptr<const RecordBatch> batch_;
  std::vector<Part> parts_;
  std::optional<bool> lines_are_ascii_;
  // The dictionary, and the place of each stream's value in it.
  std::optional<duckdb::Vector> dictionary_;
  std::size_t dictionary_size_ = 0;
  std::vector<std::uint32_t> place_of_stream_;
  std::string dictionary_id_;
};

}  // namespace livedata::query::sql
