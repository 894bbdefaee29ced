#include "storage/compaction/merge.h"

#include "storage/compaction/record_merge.h"

namespace livedata::storage {

Result<std::optional<MergeSummary>> merge_segments(FileSystem& files, const Path& path,
                                                   const std::vector<MergeInput>& inputs,
                                                   const MergeOptions& options,
                                                   OnDamage on_damage) {
  RecordMerge merge(inputs, options, on_damage);
  LIVEDATA_RETURN_IF_ERROR(merge.open());
  const Path temporary = path.string() + ".tmp";
  LIVEDATA_TRY(auto writer,
               segment::SegmentWriter::create(files, temporary, merge.streams(), options.segment));
  bool wrote_rows = false;
  for (;;) {
    LIVEDATA_TRY(auto block, merge.next_block());
    if (!block) break;
    wrote_rows = true;
    LIVEDATA_RETURN_IF_ERROR(writer.add_block(*std::move(block)));
  }
  if (!wrote_rows) {
    LIVEDATA_RETURN_IF_ERROR(files.remove(temporary));
    return std::optional<MergeSummary>();
  }
  MergeSummary summary = merge.summary();
  LIVEDATA_TRY(summary.segment, writer.finish());
  LIVEDATA_RETURN_IF_ERROR(files.rename(temporary, path));
  LIVEDATA_RETURN_IF_ERROR(files.sync_folder(path.parent_path()));
  return std::optional(summary);
}

}  // namespace livedata::storage
