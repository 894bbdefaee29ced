#include "query/sql/scan_source.h"

#include <algorithm>

namespace livedata::query::sql {

const Table* ScanSource::find(std::string_view name) const {
  const auto found = std::find_if(tables_.begin(), tables_.end(),
                                  [&](const Table& table) { return table.name == name; });
  return found == tables_.end() ? nullptr : &*found;
}

Result<std::shared_ptr<RunningScan>> ScanSource::start(const storage::ScanRequest& request) {
  LIVEDATA_RETURN_IF_ERROR(deadline_.check());
  LIVEDATA_TRY(storage::Scan scan, store_.scan(scope_, request));
  auto running = std::make_shared<RunningScan>(std::move(scan));
  const MutexLock lock(mutex_);
  scans_.push_back(running);
  return running;
}

ScanTotals ScanSource::totals() const {
  ScanTotals totals;
  const MutexLock lock(mutex_);
  for (const auto& running : scans_) {
    const storage::ScanStats stats = running->scan.stats();
    ++totals.scans;
    totals.segments += stats.segments;
    totals.segments_skipped += stats.segments_skipped;
    totals.blocks += stats.blocks;
    totals.blocks_skipped += stats.blocks_skipped;
    totals.blocks_filtered += stats.blocks_filtered;
    totals.blocks_read += stats.blocks_read;
    totals.blocks_cached += stats.blocks_cached;
    totals.line_bytes_read += stats.line_bytes_read;
    totals.rows_scanned += running->rows_scanned;
    totals.rows_given += running->rows_given;
    for (std::string& text : running->scan.damage()) totals.damage.push_back(std::move(text));
  }
  return totals;
}

}  // namespace livedata::query::sql
