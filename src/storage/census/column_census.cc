#include "storage/census/column_census.h"

#include <algorithm>

#include "model/service_name.h"

namespace livedata::storage {

void ColumnCensus::add(const ColumnCensus& other) {
  for (const auto& [group, names] : other.groups) {
    ColumnNames& mine = groups[group];
    mine.rows += names.rows;
    for (const auto& [label, rows] : names.labels) mine.labels[label] += rows;
    for (const auto& [field, rows] : names.fields) mine.fields[field] += rows;
  }
}

std::size_t ColumnCensus::size_bytes() const {
  constexpr std::size_t kNodeBytes = 96;  // of a map, with a short name
  std::size_t size = sizeof(ColumnCensus);
  for (const auto& [group, names] : groups)
    size += kNodeBytes * (2 + names.labels.size() + names.fields.size());
  return size;
}

std::uint32_t CensusTaker::group_of(const Labels& labels) {
  const bool is_log = !is_metric_stream(labels);
  const std::string_view name = is_log ? std::string_view() : labels.get(kMetricSourceLabel);
  if (!is_log && name.empty()) return kNoGroup;
  const auto [slot, is_new] =
      number_.try_emplace(std::string(name), static_cast<std::uint32_t>(names_.size()));
  if (is_new) names_.push_back(&census_.groups[std::string(name)]);
  return slot->second;
}

void CensusTaker::add_stream(const Labels& labels, std::uint64_t rows) {
  const std::uint32_t group = rows == 0 ? kNoGroup : group_of(labels);
  group_of_stream_.push_back(group);
  if (group == kNoGroup) return;
  ColumnNames& names = *names_[group];
  names.rows += rows;
  for (const Label& label : labels) names.labels[label.name] += rows;
}

bool CensusTaker::share_group(std::size_t first, std::size_t last) const {
  return std::all_of(group_of_stream_.begin() + static_cast<std::ptrdiff_t>(first),
                     group_of_stream_.begin() + static_cast<std::ptrdiff_t>(last) + 1,
                     [&](std::uint32_t group) { return group == group_of_stream_[first]; });
}

void CensusTaker::add_field(std::size_t stream, const std::string& name, FieldType type,
                            std::uint64_t rows) {
  if (const std::uint32_t group = group_of_stream_[stream]; group != kNoGroup)
    names_[group]->fields[{name, type}] += rows;
}

void CensusTaker::add_field(const FieldColumn& column, std::span<const std::uint32_t> streams,
                            std::size_t first_stream) {
  std::vector<std::uint64_t> rows(names_.size());
  for (const RowIndex row : column.rows) {
    const std::uint32_t group = group_of_stream_[first_stream + streams[row]];
    if (group != kNoGroup) ++rows[group];
  }
  for (std::size_t group = 0; group < rows.size(); ++group) {
    if (rows[group] > 0) names_[group]->fields[{column.name, column.type}] += rows[group];
  }
}

ColumnCensus count_columns(const RecordBatch& batch) {
  if (batch.streams().empty()) return {};
  CensusTaker taker;
  std::vector<std::uint64_t> rows(batch.streams().size());
  for (const std::uint32_t stream : batch.stream_ordinals()) ++rows[stream];
  for (std::size_t i = 0; i < rows.size(); ++i)
    taker.add_stream(batch.streams()[i]->labels, rows[i]);
  const bool is_uniform = taker.share_group(0, rows.size() - 1);
  for (const FieldColumn& column : batch.field_columns()) {
    if (is_uniform) {
      taker.add_field(0, column.name, column.type, column.rows.size());
    } else {
      taker.add_field(column, batch.stream_ordinals(), 0);
    }
  }
  return taker.take();
}

}  // namespace livedata::storage
