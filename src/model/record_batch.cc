#include "model/record_batch.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"

namespace livedata {
namespace {

FieldType type_of(const FieldValue& value) { return static_cast<FieldType>(value.index()); }

}  // namespace

static_assert(std::is_same_v<
              std::variant_alternative_t<static_cast<std::size_t>(FieldType::kDouble), FieldValue>,
              double>);
static_assert(
    std::is_same_v<
        std::variant_alternative_t<static_cast<std::size_t>(FieldType::kBool), FieldValue>, bool>);

void StringColumn::reserve(std::size_t count, std::size_t num_bytes) {
  ends_.reserve(count);
  bytes_.reserve(num_bytes);
}

void StringColumn::clear() {
  bytes_.clear();
  ends_.clear();
}

StringColumn StringColumn::adopt(std::string bytes, std::vector<std::uint32_t> ends) {
  LIVEDATA_CHECK(bytes.size() == (ends.empty() ? 0 : ends.back()));
  StringColumn column;
  column.bytes_ = std::move(bytes);
  column.ends_ = std::move(ends);
  return column;
}

std::string to_string(const FieldValue& value) {
  switch (type_of(value)) {
    case FieldType::kString:
      return std::string(std::get<std::string_view>(value));
    case FieldType::kInt64:
      return std::to_string(std::get<std::int64_t>(value));
    case FieldType::kDouble:
      return fmt::format("{}", std::get<double>(value));
    case FieldType::kBool:
      return std::get<bool>(value) ? "true" : "false";
  }
  return {};
}

FieldValue FieldColumn::value(std::size_t i) const {
  switch (type) {
    case FieldType::kString:
      return strings[i];
    case FieldType::kInt64:
      return integers[i];
    case FieldType::kDouble:
      return doubles[i];
    case FieldType::kBool:
      return integers[i] != 0;
  }
  return std::string_view();
}

std::optional<FieldValue> FieldColumn::find(RowIndex row) const {
  const auto found = std::lower_bound(rows.begin(), rows.end(), row);
  if (found == rows.end() || *found != row) return std::nullopt;
  return value(static_cast<std::size_t>(found - rows.begin()));
}

std::uint32_t RecordBatch::add_stream(Labels labels) {
  return add_stream(std::make_shared<const Stream>(std::move(labels)));
}

std::uint32_t RecordBatch::add_stream(StreamRef stream) {
  // Adopted batches are rarely added to, so they build the map only then.
  for (auto i = static_cast<std::uint32_t>(stream_by_id_.size()); i < streams_.size(); ++i) {
    stream_by_id_.emplace(streams_[i]->id, i);
  }
  const auto [slot, is_new] =
      stream_by_id_.try_emplace(stream->id, static_cast<std::uint32_t>(streams_.size()));
  if (is_new) streams_.push_back(std::move(stream));
  return slot->second;
}

FieldColumn& RecordBatch::column(std::string_view name, FieldType type) {
  if (column_behind_.size() <= field_columns_.size())
    column_behind_.resize(field_columns_.size() + 1, kNoColumn);
  const std::size_t place = last_column_ == kNoColumn ? 0 : last_column_ + 1;
  const std::uint32_t guess = column_behind_[place];
  const bool is_right = guess < field_columns_.size() && field_columns_[guess].type == type &&
                        field_columns_[guess].name == name;
  last_column_ = is_right ? guess : find_column(name, type);
  column_behind_[place] = last_column_;
  return field_columns_[last_column_];
}

std::uint32_t RecordBatch::find_column(std::string_view name, FieldType type) {
  std::string key(1, static_cast<char>(type));
  key += name;
  const auto [slot, is_new] =
      column_by_key_.try_emplace(std::move(key), static_cast<std::uint32_t>(field_columns_.size()));
  if (is_new) {
    FieldColumn& added = field_columns_.emplace_back();
    added.name = name;
    added.type = type;
  }
  return slot->second;
}

void RecordBatch::add_field(RowIndex row, const Field& field) {
  FieldColumn& target = column(field.name, type_of(field.value));
  if (!target.rows.empty() && target.rows.back() == row) return;
  target.rows.push_back(row);
  switch (target.type) {
    case FieldType::kString:
      target.strings.append(std::get<std::string_view>(field.value));
      break;
    case FieldType::kInt64:
      target.integers.push_back(std::get<std::int64_t>(field.value));
      break;
    case FieldType::kDouble:
      target.doubles.push_back(std::get<double>(field.value));
      break;
    case FieldType::kBool:
      target.integers.push_back(std::get<bool>(field.value) ? 1 : 0);
      break;
  }
}

RowIndex RecordBatch::add_row_start(std::uint32_t stream, TimestampNs timestamp,
                                    std::string_view line) {
  LIVEDATA_CHECK(stream < streams_.size());
  const auto row = static_cast<RowIndex>(timestamps_.size());
  last_column_ = kNoColumn;
  min_timestamp_ = row == 0 ? timestamp : std::min(min_timestamp_, timestamp);
  max_timestamp_ = row == 0 ? timestamp : std::max(max_timestamp_, timestamp);
  stream_ordinals_.push_back(stream);
  timestamps_.push_back(timestamp);
  lines_.append(line);
  return row;
}

RowIndex RecordBatch::add(std::uint32_t stream, TimestampNs timestamp, std::string_view line,
                          std::span<const Field> fields) {
  const RowIndex row = add_row_start(stream, timestamp, line);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    // Two types of one name would go to two columns, so the name itself must be compared.
    const auto same_name = [&](const Field& earlier) { return earlier.name == fields[i].name; };
    if (std::none_of(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(i), same_name))
      add_field(row, fields[i]);
  }
  return row;
}

RowIndex RecordBatch::add_row(const RecordBatch& other, RowIndex row) {
  const std::uint32_t stream = add_stream(other.streams_[other.stream_ordinals_[row]]);
  const RowIndex added = add_row_start(stream, other.timestamps_[row], other.lines_[row]);
  for (const FieldColumn& source : other.field_columns_) {
    if (const auto value = source.find(row)) add_field(added, Field{source.name, *value});
  }
  return added;
}

void RecordBatch::add_all(const RecordBatch& other) {
  const auto first = static_cast<RowIndex>(num_rows());
  std::vector<std::uint32_t> ordinals;
  ordinals.reserve(other.streams_.size());
  for (const StreamRef& stream : other.streams_) ordinals.push_back(add_stream(stream));
  for (RowIndex row = 0; row < other.num_rows(); ++row) {
    add_row_start(ordinals[other.stream_ordinals_[row]], other.timestamps_[row], other.lines_[row]);
  }
  for (const FieldColumn& source : other.field_columns_) {
    for (std::size_t i = 0; i < source.rows.size(); ++i) {
      add_field(first + source.rows[i], Field{source.name, source.value(i)});
    }
  }
}

std::vector<Field> RecordBatch::fields(RowIndex row) const {
  std::vector<Field> out;
  for (const FieldColumn& source : field_columns_) {
    if (const auto value = source.find(row)) out.push_back(Field{source.name, *value});
  }
  std::sort(out.begin(), out.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
  return out;
}

std::optional<FieldValue> RecordBatch::field(RowIndex row, std::string_view name) const {
  for (const FieldColumn& source : field_columns_) {
    if (source.name != name) continue;
    if (const auto value = source.find(row)) return value;
  }
  return std::nullopt;
}

std::size_t RecordBatch::size_bytes() const {
  constexpr std::size_t kPerRow = sizeof(TimestampNs) + 2 * sizeof(std::uint32_t);
  std::size_t total = lines_.bytes().size() + num_rows() * kPerRow;
  for (const FieldColumn& column : field_columns_) {
    total += column.strings.bytes().size() +
             column.rows.size() * (sizeof(RowIndex) + sizeof(std::int64_t));
  }
  return total;
}

RecordBatch RecordBatch::adopt(Columns columns) {
  LIVEDATA_CHECK(columns.timestamps.size() == columns.stream_ordinals.size());
  LIVEDATA_CHECK(columns.timestamps.size() == columns.lines.size());
  RecordBatch batch;
  batch.streams_ = std::move(columns.streams);
  batch.stream_ordinals_ = std::move(columns.stream_ordinals);
  batch.timestamps_ = std::move(columns.timestamps);
  batch.lines_ = std::move(columns.lines);
  batch.field_columns_ = std::move(columns.field_columns);
  for (std::uint32_t i = 0; i < batch.field_columns_.size(); ++i) {
    const FieldColumn& column = batch.field_columns_[i];
    batch.column_by_key_.emplace(static_cast<char>(column.type) + column.name, i);
  }
  if (!batch.timestamps_.empty()) {
    const auto [low, high] =
        std::minmax_element(batch.timestamps_.begin(), batch.timestamps_.end());
    batch.min_timestamp_ = *low;
    batch.max_timestamp_ = *high;
  }
  return batch;
}

}  // namespace livedata
