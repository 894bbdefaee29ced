#include "query/records/record_export.h"

#include <algorithm>

namespace livedata::query::records {
namespace {

constexpr std::int64_t kDay = 24 * 3600 * kNsPerSecond;

/// Start of the day behind the time's; the largest time there is where that is later.
TimestampNs next_midnight(TimestampNs time) {
  const std::int64_t rest = time % kDay;
  const std::int64_t left = rest < 0 ? -rest : kDay - rest;
  return time > INT64_MAX - left ? INT64_MAX : time + left;
}

std::shared_ptr<const RecordBatch> rows_of(const storage::ScanRows& rows) {
  if (rows.rows.size() == rows.batch->num_rows()) return rows.batch;
  auto batch = std::make_shared<RecordBatch>();
  for (const RowIndex row : rows.rows) batch->add_row(*rows.batch, row);
  return batch;
}

}  // namespace

RecordExport::RecordExport(const storage::Store& store, TenantScope scope, const TimeRange& range,
                           std::vector<LabelMatcher> matchers)
    : store_(store),
      scope_(std::move(scope)),
      matchers_(std::move(matchers)),
      left_(range),
      day_{range.start, range.start} {}

Result<bool> RecordExport::next_day() {
  scan_.reset();
  while (const auto first = store_.earliest(scope_.tenant, left_)) {
    left_.start = *first;
    day_ = {left_.start, std::min(left_.end, next_midnight(left_.start))};
    left_.start = day_.end;
    LIVEDATA_TRY(storage::Scan scan, store_.scan(scope_, {.range = day_,
                                                          .matchers = matchers_,
                                                          .direction = Direction::kForward}));
    if (const auto damage = scan.damage(); !damage.empty())
      return fail(ErrorCode::kCorrupt, "{}", damage.front());
    if (scan.num_units() == 0) continue;
    scan_.emplace(std::move(scan));
    unit_ = 0;
    return true;
  }
  day_.start = left_.end;
  return false;
}

Result<std::shared_ptr<const RecordBatch>> RecordExport::next(const Deadline& deadline) {
  for (;;) {
    LIVEDATA_RETURN_IF_ERROR(deadline.check());
    if (!scan_ || unit_ == scan_->num_units()) {
      LIVEDATA_TRY(const bool is_more, next_day());
      if (!is_more || !scan_) return std::shared_ptr<const RecordBatch>();
    }
    LIVEDATA_TRY(const storage::ScanRows rows, scan_->read(unit_++, deadline));
    if (const auto damage = scan_->damage(); !damage.empty())
      return fail(ErrorCode::kCorrupt, "{}", damage.front());
    if (!rows.rows.empty()) return rows_of(rows);
  }
}

}  // namespace livedata::query::records
