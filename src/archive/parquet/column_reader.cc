#include "archive/parquet/column_reader.h"

#include <optional>

#include "archive/parquet/session.h"

namespace livedata::archive {
namespace {

// Places in the select list. Labels stand there where streams are made from them.
constexpr idx_t kTime = 0;
constexpr idx_t kStream = 1;
constexpr idx_t kLine = 2;
constexpr idx_t kExact = 3;
constexpr idx_t kLabels = 4;
constexpr idx_t kFirstField = 5;

std::string_view map_name(FieldType type) {
  switch (type) {
    case FieldType::kString:
      return column::kStringFields;
    case FieldType::kInt64:
      return column::kIntegerFields;
    case FieldType::kDouble:
      return column::kDoubleFields;
    case FieldType::kBool:
      return column::kBoolFields;
  }
  return column::kStringFields;
}

template <class T>
const T& value_at(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

/// Calls visit(key, values, place) for each entry of a map.
template <class Visit>
void for_entries(duckdb_vector map, idx_t row, const Visit& visit) {
  if (!has_value(map, row)) return;
  const auto entry = value_at<duckdb_list_entry>(map, row);
  duckdb_vector child = duckdb_list_vector_get_child(map);
  duckdb_vector keys = duckdb_struct_vector_get_child(child, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(child, 1);
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i)
    visit(text_at(keys, i), values, i);
}

}  // namespace

ColumnReader::ColumnReader(const std::vector<ValueColumn>& columns) : makes_streams_(true) {
  plan(columns);
}

ColumnReader::ColumnReader(const std::vector<ValueColumn>& columns,
                           std::span<const StreamRef> streams, std::int32_t first_stream,
                           storage::ColumnSelection selection)
    : selection_(std::move(selection)), makes_streams_(false), first_stream_(first_stream) {
  out_.streams.assign(streams.begin(), streams.end());
  plan(columns);
}

void ColumnReader::plan(const std::vector<ValueColumn>& columns) {
  const bool wants_fields = selection_.all_fields || !selection_.field_names.empty();
  has_exact_ = selection_.lines || wants_fields || makes_streams_;
  if (!wants_fields) return;
  for (const ValueColumn& column : columns) {
    if (!column.is_label && selection_.wants_field(column.key))
      sources_.push_back({column.name, column.key, column.type, false});
  }
  for (const FieldType type :
       {FieldType::kString, FieldType::kInt64, FieldType::kDouble, FieldType::kBool})
    sources_.push_back({std::string(map_name(type)), "", type, true});
}

std::string ColumnReader::select_list() const {
  std::string list = R"("time", "stream")";
  list += selection_.lines ? R"(, "line")" : ", NULL";
  list += has_exact_ ? R"(, "exact")" : ", NULL";
  list += makes_streams_ ? R"(, "labels")" : ", NULL";
  for (const Source& source : sources_) {
    // Whatever another writer made of a column, its values are read as what they were.
    list += ", " + (source.is_map ? quoted_name(source.name)
                                  : "CAST(" + quoted_name(source.name) + " AS " +
                                        std::string(sql_type(source.type)) + ")");
  }
  return list;
}

FieldColumn& ColumnReader::field_column(const std::string& name, FieldType type) {
  const auto [slot, is_new] = column_index_.try_emplace({name, type}, out_.field_columns.size());
  if (is_new) {
    FieldColumn& added = out_.field_columns.emplace_back();
    added.name = name;
    added.type = type;
  }
  return out_.field_columns[slot->second];
}

Result<std::uint32_t> ColumnReader::ordinal_of(std::int32_t number, duckdb_data_chunk chunk,
                                               idx_t row, const ExactRecord* exact) {
  if (!makes_streams_) {
    const std::int64_t ordinal = std::int64_t{number} - first_stream_;
    if (ordinal < 0 || ordinal >= static_cast<std::int64_t>(out_.streams.size()))
      return fail(ErrorCode::kCorrupt, "a record belongs to a stream that its block does not have");
    return static_cast<std::uint32_t>(ordinal);
  }
  const auto [slot, is_new] =
      ordinal_by_number_.try_emplace(number, static_cast<std::uint32_t>(out_.streams.size()));
  if (!is_new) return slot->second;
  std::vector<Label> labels;
  if (exact != nullptr) {
    labels = exact->labels;
  } else {
    for_entries(duckdb_data_chunk_get_vector(chunk, kLabels), row,
                [&](std::string_view name, duckdb_vector values, idx_t i) {
                  labels.push_back({std::string(name), std::string(text_at(values, i))});
                });
  }
  out_.streams.push_back(std::make_shared<const Stream>(Labels(std::move(labels))));
  return slot->second;
}

void ColumnReader::add_value(FieldColumn& column, RowIndex to, duckdb_vector vector,
                             idx_t row) const {
  column.rows.push_back(to);
  switch (column.type) {
    case FieldType::kString:
      column.strings.append(text_at(vector, row));
      break;
    case FieldType::kInt64:
      column.integers.push_back(value_at<std::int64_t>(vector, row));
      break;
    case FieldType::kDouble:
      column.doubles.push_back(value_at<double>(vector, row));
      break;
    case FieldType::kBool:
      column.integers.push_back(value_at<bool>(vector, row) ? 1 : 0);
      break;
  }
}

void ColumnReader::add_fields(duckdb_data_chunk chunk, idx_t row, RowIndex to) {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const Source& source = sources_[i];
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, kFirstField + i);
    if (!source.is_map) {
      if (has_value(vector, row)) add_value(field_column(source.key, source.type), to, vector, row);
      continue;
    }
    for_entries(vector, row, [&](std::string_view name, duckdb_vector values, idx_t at) {
      if (selection_.wants_field(name))
        add_value(field_column(std::string(name), source.type), to, values, at);
    });
  }
}

void ColumnReader::add_exact_fields(const ExactRecord& exact, RowIndex to) {
  for (const Field& field : exact.fields) {
    if (!selection_.wants_field(field.name)) continue;
    const auto type = static_cast<FieldType>(field.value.index());
    FieldColumn& column = field_column(std::string(field.name), type);
    column.rows.push_back(to);
    if (const auto* text = std::get_if<std::string_view>(&field.value))
      column.strings.append(*text);
    else if (const auto* integer = std::get_if<std::int64_t>(&field.value))
      column.integers.push_back(*integer);
    else if (const auto* number = std::get_if<double>(&field.value))
      column.doubles.push_back(*number);
    else
      column.integers.push_back(std::get<bool>(field.value) ? 1 : 0);
  }
}

Result<void> ColumnReader::add(duckdb_data_chunk chunk) {
  const idx_t size = duckdb_data_chunk_get_size(chunk);
  duckdb_vector times = duckdb_data_chunk_get_vector(chunk, kTime);
  duckdb_vector numbers = duckdb_data_chunk_get_vector(chunk, kStream);
  duckdb_vector lines = duckdb_data_chunk_get_vector(chunk, kLine);
  duckdb_vector exacts = duckdb_data_chunk_get_vector(chunk, kExact);
  for (idx_t row = 0; row < size; ++row) {
    if (!has_value(times, row) || !has_value(numbers, row))
      return fail(ErrorCode::kCorrupt, "a record without a time or stream");
    std::optional<ExactRecord> exact;
    if (has_exact_ && has_value(exacts, row)) {
      LIVEDATA_TRY(exact, decode_exact(text_at(exacts, row)));
    }
    const auto to = static_cast<RowIndex>(out_.timestamps.size());
    LIVEDATA_TRY(const std::uint32_t ordinal, ordinal_of(value_at<std::int32_t>(numbers, row),
                                                         chunk, row, exact ? &*exact : nullptr));
    out_.timestamps.push_back(value_at<std::int64_t>(times, row));
    out_.stream_ordinals.push_back(ordinal);
    if (!selection_.lines)
      out_.lines.append("");
    else if (exact)
      out_.lines.append(exact->line);
    else
      out_.lines.append(has_value(lines, row) ? text_at(lines, row) : std::string_view());
    if (exact) {
      add_exact_fields(*exact, to);
    } else {
      add_fields(chunk, row, to);
    }
  }
  return {};
}

RecordBatch ColumnReader::take() {
  column_index_.clear();
  ordinal_by_number_.clear();
  return RecordBatch::adopt(std::exchange(out_, {}));
}

}  // namespace livedata::archive
