#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"

namespace livedata {

using RowIndex = std::uint32_t;

/// Byte strings one behind the other, found by their end offsets. At most 4 GiB together.
class StringColumn {
 public:
  void append(std::string_view value) {
    bytes_.append(value);
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }
  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  /// All values without separators, for searching a whole column at once.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  /// End offset in bytes() of each value, ascending.
  [[nodiscard]] std::span<const std::uint32_t> ends() const { return ends_; }
  void reserve(std::size_t count, std::size_t num_bytes);
  void clear();
  /// Takes over decoded bytes. Precondition: ends ascend and the last one is bytes.size().
  static StringColumn adopt(std::string bytes, std::vector<std::uint32_t> ends);

 private:
  std::string bytes_;
  std::vector<std::uint32_t> ends_;
};

enum class FieldType : std::uint8_t { kString = 0, kInt64 = 1, kDouble = 2, kBool = 3 };

/// A field's value; the string lives in its batch.
using FieldValue = std::variant<std::string_view, std::int64_t, double, bool>;

/// The value as text, as a label filter sees it: integers in decimal, doubles in their shortest
/// form.
std::string to_string(const FieldValue& value);

struct Field {
  std::string_view name;
  FieldValue value;
};

/// The values of one field name and type in a batch, for those rows that have it.
struct FieldColumn {
  std::string name;
  FieldType type = FieldType::kString;
  std::vector<RowIndex> rows;          ///< strictly ascending
  StringColumn strings;                ///< kString: one per row
  std::vector<std::int64_t> integers;  ///< kInt64, and kBool as 0 or 1: one per row
  std::vector<double> doubles;         ///< kDouble: one per row

  /// Value of rows[i].
  [[nodiscard]] FieldValue value(std::size_t i) const;
  /// Value for a row, if it has one. Logarithmic.
  [[nodiscard]] std::optional<FieldValue> find(RowIndex row) const;
};

/// Records in columns: what a decoder fills, the WAL writes, the head keeps and a block decodes
/// into. Rows are in the order they were added. Not thread-safe while it is written; immutable ones
/// are shared freely.
class RecordBatch {
 public:
  RecordBatch() = default;
  RecordBatch(RecordBatch&&) noexcept = default;
  RecordBatch& operator=(RecordBatch&&) noexcept = default;
  RecordBatch(const RecordBatch&) = delete;
  RecordBatch& operator=(const RecordBatch&) = delete;

  /// Ordinal for the stream with these labels; equal label sets share one.
  std::uint32_t add_stream(Labels labels);
  std::uint32_t add_stream(StreamRef stream);

  /// Adds a record and returns its row. The strings are copied. The same field name twice in one
  /// record: the first one stays.
  RowIndex add(std::uint32_t stream, TimestampNs timestamp, std::string_view line,
               std::span<const Field> fields = {});

  /// Adds row `row` of `other`.
  RowIndex add_row(const RecordBatch& other, RowIndex row);
  /// Adds all rows of `other`.
  void add_all(const RecordBatch& other);

  [[nodiscard]] std::size_t num_rows() const { return timestamps_.size(); }
  [[nodiscard]] bool empty() const { return timestamps_.empty(); }
  [[nodiscard]] std::span<const StreamRef> streams() const { return streams_; }
  [[nodiscard]] std::span<const std::uint32_t> stream_ordinals() const { return stream_ordinals_; }
  [[nodiscard]] const Stream& stream(RowIndex row) const {
    return *streams_[stream_ordinals_[row]];
  }
  [[nodiscard]] std::span<const TimestampNs> timestamps() const { return timestamps_; }
  [[nodiscard]] const StringColumn& lines() const { return lines_; }
  [[nodiscard]] std::string_view line(RowIndex row) const { return lines_[row]; }
  [[nodiscard]] std::span<const FieldColumn> field_columns() const { return field_columns_; }
  /// The record's fields, ordered by name. Strings point into the batch.
  [[nodiscard]] std::vector<Field> fields(RowIndex row) const;
  /// One field of a record by name.
  [[nodiscard]] std::optional<FieldValue> field(RowIndex row, std::string_view name) const;

  /// Smallest and largest timestamp. Precondition: not empty.
  [[nodiscard]] TimestampNs min_timestamp() const { return min_timestamp_; }
  [[nodiscard]] TimestampNs max_timestamp() const { return max_timestamp_; }
  /// Bytes of lines, field values and per-row overhead: what limits and the head's size count.
  [[nodiscard]] std::size_t size_bytes() const;

  /// Exchanges stream references for equal ones that are shared more widely.
  void replace_stream(std::uint32_t ordinal, StreamRef stream) {
    streams_[ordinal] = std::move(stream);
  }

  /// Columns as a decoder has them; used by the codecs only. Preconditions: equal row counts,
  /// ordinals below the number of streams, field rows ascending and below the row count.
  struct Columns {
    std::vector<StreamRef> streams;
    std::vector<std::uint32_t> stream_ordinals;
    std::vector<TimestampNs> timestamps;
    StringColumn lines;
    std::vector<FieldColumn> field_columns;
  };
  static RecordBatch adopt(Columns columns);

 private:
  static constexpr std::uint32_t kNoColumn = UINT32_MAX;

  FieldColumn& column(std::string_view name, FieldType type);
  std::uint32_t find_column(std::string_view name, FieldType type);
  void add_field(RowIndex row, const Field& field);
  RowIndex add_row_start(std::uint32_t stream, TimestampNs timestamp, std::string_view line);

  std::vector<StreamRef> streams_;
  std::unordered_map<StreamId, std::uint32_t> stream_by_id_;
  std::vector<std::uint32_t> stream_ordinals_;
  std::vector<TimestampNs> timestamps_;
  StringColumn lines_;
  std::vector<FieldColumn> field_columns_;
  std::unordered_map<std::string, std::uint32_t> column_by_key_;  // type byte, then name
  // Records of one source have the same fields in the same order, so the next one's column is most
  // likely the one that came behind the last one's before. The first is that of a record's start.
  std::vector<std::uint32_t> column_behind_;
  std::uint32_t last_column_ = kNoColumn;
  TimestampNs min_timestamp_ = 0;
  TimestampNs max_timestamp_ = 0;
};

}  // namespace livedata
