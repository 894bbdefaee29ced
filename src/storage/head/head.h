#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "model/record_batch.h"
#include "storage/census/column_census.h"

namespace livedata::storage {

/// A batch in memory with the time bounds of each of its streams (by ordinal). Immutable.
struct HeadBatch {
  struct Bounds {
    TimestampNs min = 0;
    TimestampNs max = 0;  ///< inclusive
  };
  explicit HeadBatch(std::shared_ptr<const RecordBatch> records);

  std::shared_ptr<const RecordBatch> records;
  std::vector<Bounds> bounds;
  /// Whether the times of each stream rise from row to row: then no record is there twice.
  bool is_strictly_ordered = true;

  /// Which labels and fields the records have; counted when it is first asked for.
  [[nodiscard]] const ColumnCensus& census() const;

 private:
  mutable std::once_flag census_once_;
  mutable ColumnCensus census_;
};

/// Records that are durable in the WAL and not in a segment yet, queryable as they come. Small
/// batches are merged into larger ones like the digits of a binary counter, so that many small
/// appends cost each record a logarithmic number of copies and a scan sees few batches. Readers
/// hold immutable batches and never block a writer for longer than copying a list. Thread-safe;
/// add() by one thread at a time.
class Head {
 public:
  using Batches = std::vector<std::shared_ptr<const HeadBatch>>;

  /// `now` dates the head's first record.
  void add(std::shared_ptr<const RecordBatch> records, std::chrono::steady_clock::time_point now);

  [[nodiscard]] Batches batches() const;
  [[nodiscard]] std::size_t size_bytes() const;
  [[nodiscard]] std::uint64_t num_rows() const;
  /// When the first record came; empty for an empty head.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> born() const;

 private:
  mutable Mutex mutex_;
  Batches batches_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t size_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::uint64_t num_rows_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::optional<std::chrono::steady_clock::time_point> born_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::storage
