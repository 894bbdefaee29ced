#pragma once

#include <functional>
#include <optional>

#include "storage/catalog/segment_catalog.h"
#include "storage/compaction/compaction_plan.h"
#include "storage/compaction/merge.h"

namespace livedata::storage {

/// Carries out compaction jobs on a tenant's catalog. Ingest and queries go on meanwhile: readers
/// keep what they have pinned, and the replacement is one edit of the manifest. After a crash the
/// unfinished file is an orphan and the job is planned anew. One job at a time.
class Compactor {
 public:
  Compactor(SegmentCatalog& catalog, const SegmentCatalog::Context& context,
            const CompactionOptions& options, MergeOptions merge)
      : catalog_(catalog), context_(context), options_(options), merge_(std::move(merge)) {}

  /// Does the next job, if there is one. False: there is nothing to do. Segments that turn out to
  /// be damaged are marked so in the catalog, and not tried again.
  Result<bool> run_once();
  /// Compacts everything below the tier into it.
  Result<void> run_forced(Tier tier);
  /// Replaces one segment by a copy without what `is_expired` names and, with kLeaveOut, without
  /// its damaged blocks.
  Result<MergeSummary> rewrite(const SegmentMeta& meta,
                               std::function<bool(const Labels&, TimestampNs)> is_expired,
                               OnDamage on_damage = OnDamage::kFail);

 private:
  Result<MergeSummary> run(const CompactionJob& job, const MergeOptions& merge, OnDamage on_damage);
  Result<std::vector<MergeInput>> open_inputs(const CompactionJob& job) const;
  void mark_damaged_inputs(const CompactionJob& job);
  [[nodiscard]] bool is_without_effect(const CompactionJob& job) const;
  Result<void> raise_horizon(const CompactionJob& job);
  void count(const CompactionJob& job, const MergeSummary& summary) const;
  [[nodiscard]] std::vector<SegmentMeta> sound_segments() const;

  SegmentCatalog& catalog_;
  const SegmentCatalog::Context context_;
  const CompactionOptions options_;
  const MergeOptions merge_;
};

}  // namespace livedata::storage
