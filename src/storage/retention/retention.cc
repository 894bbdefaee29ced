#include "storage/retention/retention.h"

#include <fmt/format.h>

#include "base/time_format.h"

namespace livedata::storage {

Result<void> Retention::run(Compactor& compactor, const DiskUse& disk) {
  const RetentionPlan plan =
      plan_retention(catalog_.segments(), options_, disk, context_.clock.now());
  LIVEDATA_RETURN_IF_ERROR(mark(plan));
  LIVEDATA_RETURN_IF_ERROR(remove(plan));
  for (const SegmentMeta& meta : plan.rewrites) {
    LIVEDATA_TRY(const MergeSummary summary,
                 compactor.rewrite(meta, [&](const Labels& labels, TimestampNs time) {
                   return plan.expiry.is_expired(labels, time);
                 }));
    LIVEDATA_RETURN_IF_ERROR(audit(meta, "age", summary.rows_expired));
  }
  return {};
}

Result<void> Retention::mark(const RetentionPlan& plan) {
  ManifestEdit edit;
  for (SegmentMeta meta : plan.newly_expired) {
    edit.removed.push_back(meta.file);
    meta.expired_since = context_.clock.now();
    edit.added.push_back(std::move(meta));
  }
  for (SegmentMeta meta : plan.not_expired) {
    edit.removed.push_back(meta.file);
    meta.expired_since = 0;
    edit.added.push_back(std::move(meta));
  }
  return edit.added.empty() ? Result<void>() : catalog_.apply(std::move(edit));
}

Result<void> Retention::remove(const RetentionPlan& plan) {
  if (plan.removals.empty()) return {};
  ManifestEdit edit;
  std::uint64_t bytes = 0;
  for (const RetentionPlan::Removal& removal : plan.removals) {
    const bool is_emergency = removal.reason == "disk";
    const auto audited = audit(removal.meta, removal.reason, removal.meta.num_rows);
    // On a full disk there may be no room for the audit line either; then our own log has it.
    if (!audited && !is_emergency) return fail(audited.error());
    if (is_emergency) {
      context_.logger.warn("the disk is nearly full: the segment {} with {} records is given up",
                           removal.meta.file, removal.meta.num_rows);
    }
    edit.removed.push_back(removal.meta.file);
    bytes += removal.meta.file_bytes;
  }
  LIVEDATA_RETURN_IF_ERROR(catalog_.apply(std::move(edit)));
  context_.metrics
      .counter("livedata_retention_removed_bytes_total", "Bytes of segments that retention removed")
      .add(bytes);
  context_.metrics
      .counter("livedata_retention_removed_segments_total", "Segments that retention removed")
      .add(plan.removals.size());
  return {};
}

Result<void> Retention::audit(const SegmentMeta& meta, std::string_view reason,
                              std::uint64_t records) {
  // File names are ours: hexadecimal digits and dashes, nothing to be escaped.
  const std::string line = fmt::format(
      R"({{"time":"{}","segment":"{}","reason":"{}","records":{},"bytes":{},"from":"{}","to":"{}"}})"
      "\n",
      format_rfc3339(context_.clock.now()), meta.file, reason, records, meta.file_bytes,
      format_rfc3339(meta.min_timestamp), format_rfc3339(meta.max_timestamp));
  LIVEDATA_TRY(const auto file, context_.files.open_append(audit_log_));
  LIVEDATA_RETURN_IF_ERROR(file->append(line));
  return file->sync();
}

}  // namespace livedata::storage
