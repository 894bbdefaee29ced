#include "storage/compaction/compactor.h"

#include <algorithm>

#include "storage/flush/flush.h"

namespace livedata::storage {
namespace {

bool is_readable(const segment::SegmentReader& reader) {
  const auto metadata = reader.metadata();
  if (!metadata || !(*metadata)->damage.empty()) return false;
  for (const segment::BlockEntry& block : (*metadata)->blocks) {
    auto keys = reader.read_keys(**metadata, block);
    if (!keys || !reader.read_block(**metadata, block, *std::move(keys), ColumnSelection()))
      return false;
  }
  return true;
}

}  // namespace

std::vector<SegmentMeta> Compactor::sound_segments() const {
  std::vector<SegmentMeta> metas;
  for (const LiveSegment& segment : catalog_.view().segments) {
    if (!segment.is_damaged) metas.push_back(segment.meta);
  }
  return metas;
}

Result<bool> Compactor::run_once() {
  const auto job =
      plan_compaction(sound_segments(), catalog_.requests(), options_, context_.clock.now());
  if (!job) return false;
  if (is_without_effect(*job)) {
    LIVEDATA_RETURN_IF_ERROR(raise_horizon(*job));
    return true;
  }
  const auto summary = run(*job, merge_, OnDamage::kFail);
  if (summary) {
    count(*job, *summary);
    return true;
  }
  if (summary.error().code != ErrorCode::kCorrupt) return fail(summary.error());
  mark_damaged_inputs(*job);
  return true;
}

void Compactor::mark_damaged_inputs(const CompactionJob& job) {
  for (const LiveSegment& segment : catalog_.view().segments) {
    const bool is_input =
        std::any_of(job.inputs.begin(), job.inputs.end(),
                    [&](const SegmentMeta& meta) { return meta.file == segment.meta.file; });
    if (is_input && !is_readable(*segment.reader)) catalog_.mark_damaged(segment.meta.file);
  }
}

Result<void> Compactor::run_forced(Tier tier) {
  while (const auto job = plan_forced_compaction(sound_segments(), catalog_.requests(), options_,
                                                 tier, context_.clock.now())) {
    LIVEDATA_TRY(const MergeSummary summary, run(*job, merge_, OnDamage::kFail));
    count(*job, summary);
  }
  return {};
}

Result<MergeSummary> Compactor::rewrite(const SegmentMeta& meta,
                                        std::function<bool(const Labels&, TimestampNs)> is_expired,
                                        OnDamage on_damage) {
  CompactionJob job;
  job.inputs = {meta};
  job.tier = meta.tier;
  job.delete_horizon = meta.delete_horizon;
  MergeOptions merge = merge_;
  merge.is_expired = std::move(is_expired);
  return run(job, merge, on_damage);
}

bool Compactor::is_without_effect(const CompactionJob& job) const {
  if (job.inputs.size() != 1 || job.tier != job.inputs.front().tier) return false;
  const auto inputs = open_inputs(job);
  if (!inputs) return false;
  const auto metadata = inputs->front().reader->metadata();
  if (!metadata) return false;
  return std::none_of(job.deletes.begin(), job.deletes.end(), [&](const DeleteRequest& request) {
    return !(*metadata)->postings.find(request.matchers).empty();
  });
}

Result<void> Compactor::raise_horizon(const CompactionJob& job) {
  SegmentMeta meta = job.inputs.front();
  meta.delete_horizon = job.delete_horizon;
  return catalog_.apply({.removed = {meta.file}, .added = {meta}});
}

Result<std::vector<MergeInput>> Compactor::open_inputs(const CompactionJob& job) const {
  std::vector<MergeInput> inputs;
  for (const LiveSegment& segment : catalog_.view().segments) {
    const bool is_input =
        std::any_of(job.inputs.begin(), job.inputs.end(),
                    [&](const SegmentMeta& meta) { return meta.file == segment.meta.file; });
    if (!is_input) continue;
    MergeInput& input = inputs.emplace_back();
    input.reader = segment.reader;
    for (const DeleteRequest& request : job.deletes) {
      if (request.id > segment.meta.delete_horizon) input.deletes.push_back(request);
    }
  }
  if (inputs.size() != job.inputs.size())
    return fail(ErrorCode::kNotFound, "a segment to be compacted is gone");
  return inputs;
}

Result<MergeSummary> Compactor::run(const CompactionJob& job, const MergeOptions& merge,
                                    OnDamage on_damage) {
  SegmentMeta meta;
  meta.window_start = job.inputs.front().window_start;
  for (const SegmentMeta& input : job.inputs) {
    meta.window_start = std::min(meta.window_start, input.window_start);
    meta.window_end = std::max(meta.window_end, input.window_end);
  }
  const std::string window = window_name(meta.window_start);
  meta.file = window + "/" + catalog_.next_name() + ".seg";
  MergeOptions options = merge;
  options.segment.codec = options_.tiers[static_cast<std::size_t>(job.tier)].codec;
  LIVEDATA_TRY(const auto inputs, open_inputs(job));
  LIVEDATA_RETURN_IF_ERROR(context_.files.create_folders(catalog_.segments_folder() / window));
  LIVEDATA_RETURN_IF_ERROR(context_.files.sync_folder(catalog_.segments_folder()));
  LIVEDATA_TRY(const auto summary,
               merge_segments(context_.files, catalog_.segments_folder() / meta.file, inputs,
                              options, on_damage));
  ManifestEdit edit;
  for (const SegmentMeta& input : job.inputs) edit.removed.push_back(input.file);
  if (summary) {
    meta.file_bytes = summary->segment.file_bytes;
    meta.num_rows = summary->segment.num_rows;
    meta.min_timestamp = summary->segment.min_timestamp;
    meta.max_timestamp = summary->segment.max_timestamp;
    meta.tier = job.tier;
    meta.created = context_.clock.now();
    meta.delete_horizon = job.delete_horizon;
    edit.added.push_back(std::move(meta));
  }
  LIVEDATA_RETURN_IF_ERROR(catalog_.apply(std::move(edit)));
  return summary.value_or(MergeSummary());
}

void Compactor::count(const CompactionJob& job, const MergeSummary& summary) const {
  std::uint64_t bytes_read = 0;
  for (const SegmentMeta& input : job.inputs) bytes_read += input.file_bytes;
  MetricRegistry& metrics = context_.metrics;
  metrics.counter("livedata_compactions_total", "Merges of segments").add();
  metrics.counter("livedata_compaction_read_bytes_total", "Bytes of segments that were merged")
      .add(bytes_read);
  metrics.counter("livedata_compaction_written_bytes_total", "Bytes of segments that merges wrote")
      .add(summary.segment.file_bytes);
  metrics.counter("livedata_duplicates_dropped_total", "Identical records that merges dropped")
      .add(summary.duplicates_dropped);
  metrics
      .counter("livedata_deleted_records_total", "Records that delete requests removed from files")
      .add(summary.rows_deleted);
  context_.logger.debug("compacted {} segments ({} bytes) into one of {} bytes, {}, because of {}",
                        job.inputs.size(), bytes_read, summary.segment.file_bytes, name(job.tier),
                        job.reason);
}

}  // namespace livedata::storage
