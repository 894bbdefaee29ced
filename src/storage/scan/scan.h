#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "model/direction.h"
#include "model/label_matcher.h"
#include "model/record_batch.h"
#include "model/time_range.h"
#include "storage/segment/column_selection.h"

namespace livedata::storage {

struct ScanRequest {
  TimeRange range;
  std::vector<LabelMatcher> matchers = {};
  /// Byte strings that a line must all contain. Rows with an empty line are not held against them,
  /// since a host metric's line is rendered by the reader, who must filter those rows itself.
  std::vector<std::string> needles = {};
  /// A field's value that a row must have, unless its stream has a label of that name. Prunes only:
  /// rows that fail it may be given.
  struct FieldValueCondition {
    std::string field;
    std::string value;
  };
  std::vector<FieldValueCondition> field_values = {};
  /// A line must contain one of some byte strings, unless its record has a field, or its stream a
  /// label, of a name. Prunes only: rows that fail it may be given.
  struct NeedleChoice {
    std::vector<std::string> any_of;
    std::string unless_label = {};  ///< "": always
  };
  std::vector<NeedleChoice> needle_choices = {};
  ColumnSelection columns = {};
  Direction direction = Direction::kBackward;
};

/// What a unit holds before rows are filtered; ranges are of the whole unit.
struct ScanUnitInfo {
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
  std::size_t num_rows = 0;
  std::size_t raw_bytes = 0;  ///< bytes of its lines
};

/// The rows of one unit that meet the request, ascending row numbers of `batch`. Within one stream
/// they are in time order only where the unit is a segment's block.
struct ScanRows {
  std::shared_ptr<const RecordBatch> batch;
  std::vector<RowIndex> rows;
};

/// What a scan skipped and read so far, for statistics and explanations.
struct ScanStats {
  std::size_t segments = 0;
  std::size_t segments_skipped = 0;  ///< by time, labels or filter
  std::size_t blocks = 0;
  std::size_t blocks_skipped = 0;   ///< by time and labels, or with their segment
  std::size_t blocks_filtered = 0;  ///< by their own filters, of which no column was read
  std::size_t blocks_read = 0;      ///< of which at least one column was read
  std::size_t blocks_cached = 0;    ///< that were still in memory
  std::size_t streams_matched = 0;
  std::uint64_t line_bytes_read = 0;  ///< of text, in columns of lines that were decoded
};

/// Rows of a unit, and bytes of their lines, by stream, minute and level.
struct ScanCounts {
  struct Count {
    std::uint32_t stream = 0;  ///< index of streams
    std::int64_t minute = 0;   ///< m stands for the times above m and up to m + 1 minutes
    std::uint32_t level = 0;   ///< index of levels
    std::uint32_t rows = 0;
    std::uint64_t bytes = 0;  ///< of their lines
  };
  std::vector<StreamRef> streams;
  std::vector<std::string> levels;  ///< values of the field detected_level; "" for none
  std::vector<std::string> fields;  ///< names of the fields that some of the rows have
  std::vector<Count> counts;
};

/// A pinned snapshot of a tenant's records, cut into units that can be read in any order and in
/// parallel. Units come ordered for the direction: backward by falling max_timestamp, forward by
/// rising min_timestamp, so that a reader with enough rows can stop. Each unit is read at most
/// once: identical records (stream, timestamp, line and fields) that several units hold are given
/// by the first one read.
class Scan {
 public:
  class Impl;
  explicit Scan(std::unique_ptr<Impl> impl);
  Scan(Scan&&) noexcept;
  Scan& operator=(Scan&&) noexcept;
  ~Scan();

  [[nodiscard]] std::size_t num_units() const;
  [[nodiscard]] const ScanUnitInfo& unit(std::size_t i) const;
  /// Rows of unit i; may be none. Thread-safe. A damaged block has no rows, and is told of in
  /// damage(): the rest of the data stays available.
  Result<ScanRows> read(std::size_t i, const Deadline& deadline) const;
  /// Rows of unit i by stream, minute and level, where they are known without reading a column:
  /// then they count exactly the rows that read() would give. Precondition: the request has no
  /// needles, choices of needles and field values.
  [[nodiscard]] std::optional<ScanCounts> counts(std::size_t i) const;
  [[nodiscard]] ScanStats stats() const;
  /// What could not be read so far, each with file and place.
  [[nodiscard]] std::vector<std::string> damage() const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::storage
