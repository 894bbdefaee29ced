#include "query/explore/volume.h"

#include <unordered_set>

namespace livedata::query::explore {
namespace {

constexpr std::int64_t kMinuteNs = 60 * kNsPerSecond;

using Visit = std::function<void(const VolumePart&)>;

void visit_counts(const storage::ScanCounts& counts, const Visit& visit) {
  for (const storage::ScanCounts::Count& count : counts.counts) {
    visit({counts.streams[count.stream], (count.minute + 1) * kMinuteNs, count.rows, count.bytes});
  }
}

void visit_rows(const storage::ScanRows& rows, const Visit& visit) {
  for (const RowIndex row : rows.rows) {
    visit({rows.batch->streams()[rows.batch->stream_ordinals()[row]], rows.batch->timestamps()[row],
           1, rows.batch->line(row).size()});
  }
}

Result<storage::Scan> plan(const storage::Store& store, const TenantScope& scope,
                           const TimeRange& range, const std::vector<LabelMatcher>& matchers) {
  storage::ScanRequest request;
  request.range = range;
  request.matchers = matchers;
  request.columns.all_fields = false;
  return store.scan(scope, request);
}

Result<void> visit_scan(const storage::Scan& scan, const Deadline& deadline, const Visit& visit) {
  for (std::size_t i = 0; i < scan.num_units(); ++i) {
    if (const auto counts = scan.counts(i)) {
      visit_counts(*counts, visit);
      continue;
    }
    LIVEDATA_TRY(const storage::ScanRows rows, scan.read(i, deadline));
    visit_rows(rows, visit);
  }
  return {};
}

}  // namespace

Result<void> for_volume(const storage::Store& store, const TenantScope& scope,
                        const TimeRange& range, const std::vector<LabelMatcher>& matchers,
                        const Deadline& deadline, const Visit& visit) {
  LIVEDATA_TRY(const storage::Scan scan, plan(store, scope, range, matchers));
  return visit_scan(scan, deadline, visit);
}

Result<VolumeTotal> total_volume(const storage::Store& store, const TenantScope& scope,
                                 const TimeRange& range, const std::vector<LabelMatcher>& matchers,
                                 const Deadline& deadline) {
  LIVEDATA_TRY(const storage::Scan scan, plan(store, scope, range, matchers));
  VolumeTotal total;
  std::unordered_set<StreamId> streams;
  LIVEDATA_RETURN_IF_ERROR(visit_scan(scan, deadline, [&](const VolumePart& part) {
    streams.insert(part.stream->id);
    total.rows += part.rows;
    total.bytes += part.bytes;
  }));
  total.streams = streams.size();
  total.blocks = scan.num_units();
  return total;
}

}  // namespace livedata::query::explore
