#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/deadline.h"
#include "base/mutex.h"
#include "model/tenant_scope.h"
#include "model/time_range.h"
#include "query/sql/table.h"
#include "storage/store.h"

namespace livedata::query::sql {

/// What the scans of one query read.
struct ScanTotals {
  std::uint64_t scans = 0;
  std::uint64_t segments = 0;
  std::uint64_t segments_skipped = 0;
  std::uint64_t blocks = 0;
  std::uint64_t blocks_skipped = 0;   ///< by time and labels
  std::uint64_t blocks_filtered = 0;  ///< by their own filters
  std::uint64_t blocks_read = 0;
  std::uint64_t blocks_cached = 0;    ///< that were still in memory
  std::uint64_t line_bytes_read = 0;  ///< of text, in columns of lines that were decoded
  std::uint64_t rows_scanned = 0;     ///< of the blocks and batches that were looked at
  std::uint64_t rows_given = 0;       ///< to DuckDB
  std::vector<std::string> damage = {};
};

/// One scan of a query, which all its threads work on.
struct RunningScan {
  explicit RunningScan(storage::Scan s) : scan(std::move(s)) {}

  storage::Scan scan;
  std::atomic<std::size_t> next_unit = 0;
  std::atomic<std::uint64_t> rows_scanned = 0;
  std::atomic<std::uint64_t> rows_given = 0;
};

/// What one query sees of the store: one tenant's tables, and nothing else. Outlives the query's
/// DuckDB. Thread-safe.
class ScanSource {
 public:
  ScanSource(const storage::Store& store, TenantScope scope, const TimeRange& range,
             Deadline deadline)
      : store_(store),
        scope_(std::move(scope)),
        range_(range),
        deadline_(std::move(deadline)),
        tables_(make_tables(store.columns(scope_.tenant))) {}

  [[nodiscard]] const std::vector<Table>& tables() const { return tables_; }
  [[nodiscard]] const Table* find(std::string_view name) const;
  [[nodiscard]] const TimeRange& range() const { return range_; }
  [[nodiscard]] const Deadline& deadline() const { return deadline_; }

  Result<std::shared_ptr<RunningScan>> start(const storage::ScanRequest& request)
      LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] ScanTotals totals() const LIVEDATA_EXCLUDES(mutex_);

 private:
  const storage::Store& store_;
  const TenantScope scope_;
  const TimeRange range_;
  const Deadline deadline_;
  const std::vector<Table> tables_;
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<RunningScan>> scans_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::query::sql
