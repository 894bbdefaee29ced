#include "storage/flush/block_builder.h"

#include <algorithm>

namespace livedata::storage {

FieldsByRow::FieldsByRow(const RecordBatch& batch) : begins_(batch.num_rows() + 1, 0) {
  for (const FieldColumn& column : batch.field_columns()) {
    for (const RowIndex row : column.rows) ++begins_[row + 1];
  }
  for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
  entries_.resize(begins_.back());
  std::vector<std::size_t> next(begins_.begin(), begins_.end() - 1);
  for (std::uint32_t c = 0; c < batch.field_columns().size(); ++c) {
    const auto& rows = batch.field_columns()[c].rows;
    for (std::uint32_t i = 0; i < rows.size(); ++i) entries_[next[rows[i]]++] = {c, i};
  }
}

BlockBuilder::Slot BlockBuilder::attach(const RecordBatch& batch) {
  auto free = std::find_if(sources_.begin(), sources_.end(),
                           [](const Source& source) { return source.batch == nullptr; });
  if (free == sources_.end()) free = sources_.emplace(sources_.end());
  free->batch = &batch;
  free->fields = FieldsByRow(batch);
  free->block_column.clear();
  for (const FieldColumn& column : batch.field_columns())
    free->block_column.push_back(block_column(column));
  return static_cast<Slot>(free - sources_.begin());
}

void BlockBuilder::detach(Slot slot) { sources_[slot] = Source(); }

std::uint32_t BlockBuilder::block_column(const FieldColumn& column) {
  const auto next = static_cast<std::uint32_t>(columns_.field_columns.size());
  const auto [slot, is_new] = column_index_.try_emplace({column.name, column.type}, next);
  if (is_new) {
    columns_.field_columns.emplace_back();
    columns_.field_columns.back().name = column.name;
    columns_.field_columns.back().type = column.type;
  }
  return slot->second;
}

void BlockBuilder::add_field(const FieldColumn& from, std::uint32_t value, RowIndex row,
                             FieldColumn& to) {
  to.rows.push_back(row);
  switch (from.type) {
    case FieldType::kString:
      to.strings.append(from.strings[value]);
      raw_bytes_ += from.strings[value].size();
      break;
    case FieldType::kInt64:
    case FieldType::kBool:
      to.integers.push_back(from.integers[value]);
      break;
    case FieldType::kDouble:
      to.doubles.push_back(from.doubles[value]);
      break;
  }
  raw_bytes_ += sizeof(std::int64_t);
}

void BlockBuilder::add(Slot slot, RowIndex row, std::uint32_t stream) {
  const Source& source = sources_[slot];
  const std::string_view line = source.batch->line(row);
  const auto block_row = static_cast<RowIndex>(columns_.timestamps.size());
  columns_.stream_ordinals.push_back(stream);
  columns_.timestamps.push_back(source.batch->timestamps()[row]);
  columns_.lines.append(line);
  raw_bytes_ += line.size() + sizeof(TimestampNs);
  for (const FieldsByRow::Entry& entry : source.fields.of(row)) {
    add_field(source.batch->field_columns()[entry.column], entry.value, block_row,
              columns_.field_columns[source.block_column[entry.column]]);
  }
}

RecordBatch::Columns BlockBuilder::take() {
  RecordBatch::Columns next;
  for (const FieldColumn& column : columns_.field_columns) {
    next.field_columns.emplace_back();
    next.field_columns.back().name = column.name;
    next.field_columns.back().type = column.type;
  }
  raw_bytes_ = 0;
  return std::exchange(columns_, std::move(next));
}

}  // namespace livedata::storage
