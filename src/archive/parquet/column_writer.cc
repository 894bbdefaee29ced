#include "archive/parquet/column_writer.h"

#include <algorithm>
#include <array>

#include "archive/records/exact_record.h"
#include "base/bytes.h"
#include "base/utf8.h"

namespace livedata::archive {
namespace {

// Of lines and fields: the least that a row group can hold.
constexpr std::size_t kMaxChunkBytes = 4_MiB;

/// The columns that every file has, in their order.
enum Fixed : idx_t {
  kTime,
  kService,
  kLine,
  kLabels,
  kStringFields,  // the four maps of fields are in the order of FieldType
  kIntegerFields,
  kDoubleFields,
  kBoolFields,
  kStream,
  kExact,
  kNumFixed
};

duckdb_type type_of(FieldType type) {
  constexpr std::array<duckdb_type, 4> kTypes = {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT,
                                                 DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_BOOLEAN};
  return kTypes[static_cast<std::size_t>(type)];
}

void declare_column(duckdb_bind_info bind, std::string_view name, duckdb_type id) {
  duckdb_logical_type type = duckdb_create_logical_type(id);
  duckdb_bind_add_result_column(bind, std::string(name).c_str(), type);
  duckdb_destroy_logical_type(&type);
}

void declare_map(duckdb_bind_info bind, std::string_view name, FieldType values) {
  duckdb_logical_type key = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  duckdb_logical_type value = duckdb_create_logical_type(type_of(values));
  duckdb_logical_type map = duckdb_create_map_type(key, value);
  duckdb_bind_add_result_column(bind, std::string(name).c_str(), map);
  duckdb_destroy_logical_type(&map);
  duckdb_destroy_logical_type(&value);
  duckdb_destroy_logical_type(&key);
}

void set_text(duckdb_vector vector, idx_t row, std::string_view text) {
  if (is_utf8(text)) {
    duckdb_vector_assign_string_element_len(vector, row, text.data(), text.size());
    return;
  }
  const std::string shown = as_utf8(text);
  duckdb_vector_assign_string_element_len(vector, row, shown.data(), shown.size());
}

void set_null(duckdb_vector vector, idx_t row) {
  duckdb_vector_ensure_validity_writable(vector);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
}

template <class T>
T* data_of(duckdb_vector vector) {
  return static_cast<T*>(duckdb_vector_get_data(vector));
}

void set_value(duckdb_vector vector, idx_t row, const FieldColumn& column, std::size_t i) {
  switch (column.type) {
    case FieldType::kString:
      set_text(vector, row, column.strings[i]);
      break;
    case FieldType::kInt64:
      data_of<std::int64_t>(vector)[row] = column.integers[i];
      break;
    case FieldType::kDouble:
      // No -0: a dictionary would give it to all of the row group's zeros.
      data_of<double>(vector)[row] = column.doubles[i] == 0 ? 0 : column.doubles[i];
      break;
    case FieldType::kBool:
      data_of<bool>(vector)[row] = column.integers[i] != 0;
      break;
  }
}

}  // namespace

struct ColumnWriter::MapColumn {
  explicit MapColumn(duckdb_vector vector)
      : list(vector), entries(data_of<duckdb_list_entry>(vector)) {}

  /// Makes room for entries. Call before the first one is written.
  void reserve(idx_t count) {
    duckdb_list_vector_reserve(list, count);
    duckdb_vector child = duckdb_list_vector_get_child(list);
    keys = duckdb_struct_vector_get_child(child, 0);
    values = duckdb_struct_vector_get_child(child, 1);
  }
  void finish() const { duckdb_list_vector_set_size(list, size); }

  duckdb_vector list;
  duckdb_list_entry* entries;
  duckdb_vector keys = nullptr;
  duckdb_vector values = nullptr;
  idx_t size = 0;
};

void ColumnWriter::declare(duckdb_bind_info bind) const {
  declare_column(bind, column::kTime, DUCKDB_TYPE_TIMESTAMP_NS);
  declare_column(bind, column::kService, DUCKDB_TYPE_VARCHAR);
  declare_column(bind, column::kLine, DUCKDB_TYPE_VARCHAR);
  declare_map(bind, column::kLabels, FieldType::kString);
  declare_map(bind, column::kStringFields, FieldType::kString);
  declare_map(bind, column::kIntegerFields, FieldType::kInt64);
  declare_map(bind, column::kDoubleFields, FieldType::kDouble);
  declare_map(bind, column::kBoolFields, FieldType::kBool);
  declare_column(bind, column::kStream, DUCKDB_TYPE_INTEGER);
  declare_column(bind, column::kExact, DUCKDB_TYPE_BLOB);
  for (const ValueColumn& column : columns_)
    declare_column(bind, column.name, type_of(column.type));
}

void ColumnWriter::start(std::shared_ptr<const RecordBatch> batch) {
  batch_ = std::move(batch);
  row_ = 0;
  inexact_ = find_inexact(*batch_);
  fields_ = storage::FieldsByRow(*batch_);
  column_of_.clear();
  for (const FieldColumn& field : batch_->field_columns()) {
    const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const ValueColumn& c) {
      return !c.is_label && c.type == field.type && c.key == field.name;
    });
    column_of_.push_back(found == columns_.end()
                             ? 0
                             : kNumFixed + static_cast<std::size_t>(found - columns_.begin()));
  }
}

RowIndex ColumnWriter::end_of_chunk() const {
  const auto last = std::min<std::size_t>(row_ + duckdb_vector_size(), batch_->num_rows());
  std::size_t bytes = 0;
  RowIndex row = row_;
  for (; row < last && bytes < kMaxChunkBytes; ++row) {
    bytes += batch_->line(row).size();
    for (const auto& entry : fields_.of(row)) {
      const FieldColumn& column = batch_->field_columns()[entry.column];
      if (column.type == FieldType::kString) bytes += column.strings[entry.value].size();
    }
  }
  return row;
}

std::int32_t ColumnWriter::stream_number(const Stream& stream) {
  const auto next = static_cast<std::int32_t>(stream_numbers_.size());
  return stream_numbers_.try_emplace(stream.id, next).first->second;
}

void ColumnWriter::write(duckdb_data_chunk chunk) {
  const RowIndex end = end_of_chunk();
  write_keys(chunk, end);
  write_labels(chunk, end);
  write_fields(chunk, end);
  write_exact(chunk, end);
  duckdb_data_chunk_set_size(chunk, end - row_);
  row_ = end;
}

void ColumnWriter::write_keys(duckdb_data_chunk chunk, RowIndex end) {
  auto* times = data_of<std::int64_t>(duckdb_data_chunk_get_vector(chunk, kTime));
  auto* numbers = data_of<std::int32_t>(duckdb_data_chunk_get_vector(chunk, kStream));
  duckdb_vector lines = duckdb_data_chunk_get_vector(chunk, kLine);
  std::vector<std::int32_t> number_of(batch_->streams().size(), -1);
  for (RowIndex row = row_; row < end; ++row) {
    const idx_t at = row - row_;
    std::int32_t& number = number_of[batch_->stream_ordinals()[row]];
    if (number < 0) number = stream_number(batch_->stream(row));
    times[at] = batch_->timestamps()[row];
    numbers[at] = number;
    set_text(lines, at, batch_->line(row));
  }
}

void ColumnWriter::write_labels(duckdb_data_chunk chunk, RowIndex end) {
  constexpr std::string_view kServiceLabel = "service_name";
  MapColumn map(duckdb_data_chunk_get_vector(chunk, kLabels));
  // Rows of one stream share its entries.
  std::unordered_map<std::uint32_t, duckdb_list_entry> written;
  std::size_t num_labels = 0;
  for (RowIndex row = row_; row < end; ++row) {
    if (written.try_emplace(batch_->stream_ordinals()[row]).second)
      num_labels += batch_->stream(row).labels.size();
  }
  map.reserve(num_labels);
  for (auto& [ordinal, entry] : written) {
    const Labels& labels = batch_->streams()[ordinal]->labels;
    entry = {map.size, labels.size()};
    for (const Label& label : labels) {
      set_text(map.keys, map.size, label.name);
      set_text(map.values, map.size, label.value);
      ++map.size;
    }
  }
  map.finish();
  const auto write_label = [&](idx_t column, std::string_view name) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
    for (RowIndex row = row_; row < end; ++row) {
      const std::string_view value = batch_->stream(row).labels.get(name);
      if (value.empty()) {
        set_null(vector, row - row_);
      } else {
        set_text(vector, row - row_, value);
      }
    }
  };
  for (RowIndex row = row_; row < end; ++row)
    map.entries[row - row_] = written[batch_->stream_ordinals()[row]];
  write_label(kService, kServiceLabel);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].is_label) write_label(kNumFixed + i, columns_[i].key);
  }
}

void ColumnWriter::write_fields(duckdb_data_chunk chunk, RowIndex end) {
  std::vector<MapColumn> maps;
  std::array<idx_t, 4> counts = {};
  const auto map_of = [&](const storage::FieldsByRow::Entry& entry) {
    return static_cast<std::size_t>(batch_->field_columns()[entry.column].type);
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].is_label) continue;
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, kNumFixed + i);
    for (RowIndex row = row_; row < end; ++row) set_null(vector, row - row_);
  }
  for (RowIndex row = row_; row < end; ++row) {
    for (const auto& entry : fields_.of(row))
      counts[map_of(entry)] += column_of_[entry.column] == 0 ? 1U : 0U;
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    maps.emplace_back(duckdb_data_chunk_get_vector(chunk, kStringFields + i));
    maps.back().reserve(counts[i]);
  }
  for (RowIndex row = row_; row < end; ++row) {
    for (MapColumn& map : maps) map.entries[row - row_] = {map.size, 0};
    for (const auto& entry : fields_.of(row)) {
      const FieldColumn& field = batch_->field_columns()[entry.column];
      if (const std::size_t column = column_of_[entry.column]; column != 0) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
        duckdb_validity_set_row_valid(duckdb_vector_get_validity(vector), row - row_);
        set_value(vector, row - row_, field, entry.value);
        continue;
      }
      MapColumn& map = maps[map_of(entry)];
      set_text(map.keys, map.size, field.name);
      set_value(map.values, map.size, field, entry.value);
      ++map.size;
      ++map.entries[row - row_].length;
    }
  }
  for (const MapColumn& map : maps) map.finish();
}

void ColumnWriter::write_exact(duckdb_data_chunk chunk, RowIndex end) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, kExact);
  for (RowIndex row = row_; row < end; ++row) {
    if (!inexact_[row]) {
      set_null(vector, row - row_);
      continue;
    }
    const std::string bytes = encode_exact(*batch_, row);
    duckdb_vector_assign_string_element_len(vector, row - row_, bytes.data(), bytes.size());
  }
}

}  // namespace livedata::archive
