#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "model/record_batch.h"

namespace livedata::storage {

using BatchList = std::span<const std::shared_ptr<const RecordBatch>>;

/// A record of a list of batches, with what a segment sorts by.
struct SortedRow {
  std::uint32_t stream = 0;  ///< rank of the row's labels among all streams of the segment
  TimestampNs timestamp = 0;
  std::uint32_t batch = 0;
  RowIndex row = 0;
};

/// The rows of one segment in its order, and its streams.
struct RowOrder {
  std::vector<StreamRef> streams;  ///< as comes_before() orders them
  std::vector<SortedRow> rows;     ///< by stream, time and arrival; no identical records
};

/// Rows by time window (start of the window -> rows, unsorted, `stream` not set).
std::map<TimestampNs, std::vector<SortedRow>> split_by_window(BatchList batches,
                                                              std::chrono::nanoseconds window);

/// Sorts rows and drops all but the first of identical records.
RowOrder order_rows(BatchList batches, std::vector<SortedRow> rows);

/// Order of streams in a segment: by service first, since one service's lines are alike on all of
/// its hosts and so compress well together; then by all labels.
bool comes_before(const Labels& a, const Labels& b);

/// Identity of a record for finding duplicates: stream, timestamp, line and fields.
Hash128 record_hash(const RecordBatch& batch, RowIndex row);

}  // namespace livedata::storage
