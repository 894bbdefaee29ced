#include "query/sql/unit_columns.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include <duckdb/common/types/vector_buffer.hpp>

#include "base/utf8.h"

namespace livedata::query::sql {
namespace {

using duckdb::FlatVector;
using duckdb::StringVector;
using duckdb::Vector;

/// Keeps a batch in memory as long as a vector points into it.
class BatchHolder : public duckdb::VectorBuffer {
 public:
  explicit BatchHolder(std::shared_ptr<const RecordBatch> batch) : batch_(std::move(batch)) {}

 private:
  std::shared_ptr<const RecordBatch> batch_;
};

void hold(Vector& vector, const std::shared_ptr<const RecordBatch>& batch) {
  StringVector::AddBuffer(vector, duckdb::make_buffer<BatchHolder>(batch));
}

/// A text that stays where it is. DuckDB takes UTF-8 alone: others are copied and made good.
duckdb::string_t text_in(Vector& vector, std::string_view text, bool is_known_ascii) {
  if (is_known_ascii || is_ascii(text) || is_utf8(text))
    return {text.data(), static_cast<std::uint32_t>(text.size())};
  const std::string good = as_utf8(text);
  return StringVector::AddString(vector, good.data(), good.size());
}

duckdb::string_t copied_text(Vector& vector, std::string_view text) {
  const std::string good = as_utf8(text);
  return StringVector::AddString(vector, good.data(), good.size());
}

/// The two vectors behind a MAP(VARCHAR, VARCHAR), with room for `size` entries of all its rows.
struct MapParts {
  MapParts(Vector& map, std::size_t size) {
    duckdb::ListVector::Reserve(map, size);
    duckdb::ListVector::SetListSize(map, size);
    entries = FlatVector::GetData<duckdb::list_entry_t>(map);
    keys = &duckdb::MapVector::GetKeys(map);
    values = &duckdb::MapVector::GetValues(map);
  }
  void put(std::size_t place, std::string_view key, std::string_view value) const {
    FlatVector::GetData<duckdb::string_t>(*keys)[place] = copied_text(*keys, key);
    FlatVector::GetData<duckdb::string_t>(*values)[place] = copied_text(*values, value);
  }
  duckdb::list_entry_t* entries = nullptr;
  Vector* keys = nullptr;
  Vector* values = nullptr;
};

template <class T>
bool put_number(const FieldColumn& column, std::size_t value, T& out) {
  switch (column.type) {
    case FieldType::kInt64:
      out = static_cast<T>(column.integers[value]);
      return true;
    case FieldType::kDouble:
      out = static_cast<T>(column.doubles[value]);
      return std::is_same_v<T, double>;
    default:
      return false;
  }
}

}  // namespace

duckdb::LogicalType logical_type(ColumnType type) {
  using duckdb::LogicalType;
  switch (type) {
    case ColumnType::kTime:
      return LogicalType::TIMESTAMP_NS;
    case ColumnType::kInteger:
      return LogicalType::BIGINT;
    case ColumnType::kDouble:
      return LogicalType::DOUBLE;
    case ColumnType::kBool:
      return LogicalType::BOOLEAN;
    case ColumnType::kMap:
      return LogicalType::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR);
    case ColumnType::kText:
      break;
  }
  return LogicalType::VARCHAR;
}

UnitColumn::UnitColumn(const Column& column, std::shared_ptr<const RecordBatch> batch)
    : column_(column), batch_(std::move(batch)) {
  const bool is_attribute =
      column.origin == ColumnOrigin::kAttribute || column.origin == ColumnOrigin::kLevel;
  if (column.origin == ColumnOrigin::kLabels) make_labels();
  if (column.origin == ColumnOrigin::kFields) find_parts("");
  if (!is_attribute) return;
  if (column.has_field) find_parts(column.attribute);
  if (column.has_label) make_dictionary();
}

/// The batch's columns of a field, or all of them.
void UnitColumn::find_parts(std::string_view name) {
  for (const FieldColumn& column : batch_->field_columns()) {
    if (!name.empty() && column.name != name) continue;
    parts_.push_back({&column, 0, is_ascii(column.strings.bytes())});
  }
}

void UnitColumn::make_dictionary() {
  std::unordered_map<std::string_view, std::uint32_t> place_of;
  std::vector<std::string_view> values;
  for (const StreamRef& stream : batch_->streams()) {
    const std::string_view value = stream->labels.get(column_.attribute);
    const auto [slot, is_new] =
        place_of.try_emplace(value, static_cast<std::uint32_t>(values.size()));
    if (is_new) values.push_back(value);
    place_of_stream_.push_back(slot->second);
  }
  const bool has_labels = values.size() > 1 || (values.size() == 1 && !values.front().empty());
  if (!has_labels && !parts_.empty()) {
    place_of_stream_.clear();
    return;
  }
  dictionary_size_ = values.size();
  dictionary_.emplace(duckdb::LogicalType::VARCHAR, std::max<std::size_t>(1, values.size()));
  auto* data = FlatVector::GetData<duckdb::string_t>(*dictionary_);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty()) {
      FlatVector::SetNull(*dictionary_, i, true);
    } else {
      data[i] = copied_text(*dictionary_, values[i]);
    }
  }
}

/// One map per stream.
void UnitColumn::make_labels() {
  const auto streams = batch_->streams();
  dictionary_size_ = streams.size();
  dictionary_.emplace(logical_type(ColumnType::kMap), std::max<std::size_t>(1, streams.size()));
  std::size_t size = 0;
  for (const StreamRef& stream : streams) size += stream->labels.size();
  const MapParts map(*dictionary_, size);
  std::size_t place = 0;
  for (std::uint32_t i = 0; i < streams.size(); ++i) {
    place_of_stream_.push_back(i);
    map.entries[i] = {place, streams[i]->labels.size()};
    for (const Label& label : streams[i]->labels) map.put(place++, label.name, label.value);
  }
}

void UnitColumn::fill(std::span<const RowIndex> rows, Vector& out) {
  switch (column_.origin) {
    case ColumnOrigin::kTime:
      return fill_times(rows, out);
    case ColumnOrigin::kLine:
      return fill_lines(rows, out);
    case ColumnOrigin::kLabels:
      return fill_dictionary(rows, out);
    case ColumnOrigin::kFields:
      return fill_fields(rows, out);
    case ColumnOrigin::kAttribute:
    case ColumnOrigin::kLevel:
      break;
  }
  if (dictionary_ && parts_.empty()) return fill_dictionary(rows, out);
  fill_attribute(rows, out);
  if (!place_of_stream_.empty()) fill_labels(rows, out);
}

void UnitColumn::fill_times(std::span<const RowIndex> rows, Vector& out) const {
  auto* data = FlatVector::GetData<std::int64_t>(out);
  const auto times = batch_->timestamps();
  for (std::size_t i = 0; i < rows.size(); ++i) data[i] = times[rows[i]];
}

void UnitColumn::fill_lines(std::span<const RowIndex> rows, Vector& out) {
  if (!lines_are_ascii_) lines_are_ascii_ = is_ascii(batch_->lines().bytes());
  hold(out, batch_);
  auto* data = FlatVector::GetData<duckdb::string_t>(out);
  const bool ascii = *lines_are_ascii_;
  for (std::size_t i = 0; i < rows.size(); ++i)
    data[i] = text_in(out, batch_->line(rows[i]), ascii);
}

/// Labels win over fields of the same name.
void UnitColumn::fill_labels(std::span<const RowIndex> rows, Vector& out) {
  if (column_.type != ColumnType::kText) return;
  auto* data = FlatVector::GetData<duckdb::string_t>(out);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string_view value = label_of(rows[i]);
    if (value.empty()) continue;
    data[i] = text_in(out, value, false);
    FlatVector::Validity(out).SetValid(i);
  }
}

void UnitColumn::fill_dictionary(std::span<const RowIndex> rows, Vector& out) {
  const auto streams = batch_->stream_ordinals();
  const std::uint32_t first = place_of_stream_[streams[rows.front()]];
  duckdb::SelectionVector places(rows.size());
  std::uint32_t others = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t place = place_of_stream_[streams[rows[i]]];
    places.set_index(i, place);
    others |= place ^ first;
  }
  if (others == 0) {
    duckdb::ConstantVector::Reference(out, *dictionary_, first, dictionary_size_);
    return;
  }
  out.Dictionary(*dictionary_, dictionary_size_, places, rows.size());
}

/// Calls put(i, value) for those rows that have a value in the part: the place among the rows, and
/// the place among the part's values.
template <class Put>
void UnitColumn::for_each_value(Part& part, std::span<const RowIndex> rows, const Put& put) const {
  const std::vector<RowIndex>& having = part.column->rows;
  if (having.size() == batch_->num_rows()) {
    for (std::size_t i = 0; i < rows.size(); ++i) put(i, rows[i]);
    return;
  }
  std::size_t next = part.next;
  for (std::size_t i = 0; i < rows.size() && next < having.size(); ++i) {
    if (having[next] < rows[i]) {
      next = static_cast<std::size_t>(
          std::lower_bound(having.begin() + static_cast<std::ptrdiff_t>(next), having.end(),
                           rows[i]) -
          having.begin());
    }
    if (next < having.size() && having[next] == rows[i]) put(i, next++);
  }
  part.next = next;
}

void UnitColumn::fill_attribute(std::span<const RowIndex> rows, Vector& out) {
  FlatVector::Validity(out).SetAllInvalid(rows.size());
  if (column_.type == ColumnType::kText) hold(out, batch_);
  for (Part& part : parts_) fill_part(part, rows, out);
}

void UnitColumn::fill_part(Part& part, std::span<const RowIndex> rows, Vector& out) {
  auto& valid = FlatVector::Validity(out);
  const FieldColumn& column = *part.column;
  const auto fill_numbers = [&](auto* data) {
    for_each_value(part, rows, [&](std::size_t i, std::size_t value) {
      if (put_number(column, value, data[i])) valid.SetValid(i);
    });
  };
  switch (column_.type) {
    case ColumnType::kInteger:
      return fill_numbers(FlatVector::GetData<std::int64_t>(out));
    case ColumnType::kDouble:
      return fill_numbers(FlatVector::GetData<double>(out));
    case ColumnType::kBool:
      for_each_value(part, rows, [&](std::size_t i, std::size_t value) {
        if (column.type != FieldType::kBool) return;
        FlatVector::GetData<bool>(out)[i] = column.integers[value] != 0;
        valid.SetValid(i);
      });
      return;
    default:
      break;
  }
  auto* data = FlatVector::GetData<duckdb::string_t>(out);
  for_each_value(part, rows, [&](std::size_t i, std::size_t value) {
    valid.SetValid(i);
    data[i] = column.type == FieldType::kString
                  ? text_in(out, column.strings[value], part.is_ascii)
                  : StringVector::AddString(out, to_string(column.value(value)));
  });
}

void UnitColumn::fill_fields(std::span<const RowIndex> rows, Vector& out) {
  struct Entry {
    std::size_t row;
    const FieldColumn* column;
    std::size_t value;
  };
  std::vector<Entry> found;
  for (Part& part : parts_) {
    for_each_value(part, rows, [&](std::size_t i, std::size_t value) {
      found.push_back({i, part.column, value});
    });
  }
  std::stable_sort(found.begin(), found.end(), [](const Entry& a, const Entry& b) {
    return a.row != b.row ? a.row < b.row : a.column->name < b.column->name;
  });
  const MapParts map(out, found.size());
  std::size_t place = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t begin = place;
    for (; place < found.size() && found[place].row == i; ++place)
      map.put(place, found[place].column->name,
              to_string(found[place].column->value(found[place].value)));
    map.entries[i] = {begin, place - begin};
  }
}

}  // namespace livedata::query::sql
