#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/deadline.h"
#include "model/label_matcher.h"
#include "model/record_batch.h"
#include "model/tenant_scope.h"
#include "model/time_range.h"
#include "storage/store.h"

namespace livedata::query::records {

/// Gives all records of a time range, each once, day by day (in UTC), in no order within a day.
/// Holds the rows of one unit in memory, and pins the files of one day. Not thread-safe.
class RecordExport {
 public:
  /// The store must outlive it.
  RecordExport(const storage::Store& store, TenantScope scope, const TimeRange& range,
               std::vector<LabelMatcher> matchers);

  /// The next records, all of one day; null at the end. kCorrupt where something can't be read: an
  /// export has everything or fails.
  Result<std::shared_ptr<const RecordBatch>> next(const Deadline& deadline);

  /// All records before this time have been given.
  [[nodiscard]] TimestampNs position() const { return day_.start; }

 private:
  /// Moves to the next day that has records. False at the end.
  Result<bool> next_day();

  const storage::Store& store_;
  const TenantScope scope_;
  const std::vector<LabelMatcher> matchers_;
  TimeRange left_;  // behind the day
  TimeRange day_;
  std::optional<storage::Scan> scan_;
  std::size_t unit_ = 0;
};

}  // namespace livedata::query::records
