#pragma once

#include "storage/catalog/segment_catalog.h"
#include "storage/compaction/compactor.h"
#include "storage/retention/retention_plan.h"

namespace livedata::storage {

/// Carries out what retention wants on a tenant's catalog. Every removal is written into the
/// tenant's audit log (audit.jsonl, one JSON object per line) before it happens.
class Retention {
 public:
  Retention(SegmentCatalog& catalog, const SegmentCatalog::Context& context,
            const RetentionOptions& options, Path audit_log)
      : catalog_(catalog), context_(context), options_(options), audit_log_(std::move(audit_log)) {}

  /// One evaluation. A segment that can't be removed now is tried again at the next one.
  Result<void> run(Compactor& compactor, const DiskUse& disk);

 private:
  Result<void> mark(const RetentionPlan& plan);
  Result<void> remove(const RetentionPlan& plan);
  Result<void> audit(const SegmentMeta& meta, std::string_view reason, std::uint64_t records);

  SegmentCatalog& catalog_;
  const SegmentCatalog::Context context_;
  const RetentionOptions& options_;
  const Path audit_log_;
};

}  // namespace livedata::storage
