#include "storage/flush/flush.h"

#include <optional>

#include "base/time_format.h"
#include "storage/flush/block_builder.h"
#include "storage/flush/row_order.h"

namespace livedata::storage {
namespace {

Result<segment::SegmentSummary> write_segment(FileSystem& files, const Path& path,
                                              BatchList batches, std::vector<SortedRow> rows,
                                              const FlushOptions& options) {
  const RowOrder order = order_rows(batches, std::move(rows));
  const Path temporary = path.string() + ".tmp";
  LIVEDATA_TRY(auto writer,
               segment::SegmentWriter::create(files, temporary, order.streams, options.segment));
  BlockBuilder block;
  std::vector<std::optional<BlockBuilder::Slot>> slots(batches.size());
  for (const SortedRow& row : order.rows) {
    std::optional<BlockBuilder::Slot>& slot = slots[row.batch];
    if (!slot) slot = block.attach(*batches[row.batch]);
    block.add(*slot, row.row, row.stream);
    if (block.raw_bytes() >= options.block_bytes)
      LIVEDATA_RETURN_IF_ERROR(writer.add_block(block.take()));
  }
  if (!block.empty()) LIVEDATA_RETURN_IF_ERROR(writer.add_block(block.take()));
  LIVEDATA_TRY(const segment::SegmentSummary summary, writer.finish());
  LIVEDATA_RETURN_IF_ERROR(files.rename(temporary, path));
  LIVEDATA_RETURN_IF_ERROR(files.sync_folder(path.parent_path()));
  return summary;
}

}  // namespace

std::string window_name(TimestampNs start) {
  std::string text = format_rfc3339(start);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

TimestampNs window_start(TimestampNs time, std::chrono::nanoseconds window) {
  const std::int64_t length = window.count();
  const std::int64_t rest = time % length;
  return time - (rest < 0 ? rest + length : rest);
}

Result<std::vector<FlushedSegment>> flush_batches(
    FileSystem& files, const Path& folder,
    std::span<const std::shared_ptr<const RecordBatch>> batches, const FlushOptions& options,
    const std::function<std::string()>& next_name) {
  std::vector<FlushedSegment> segments;
  for (auto& [start, rows] : split_by_window(batches, options.window)) {
    const std::string window = window_name(start);
    LIVEDATA_RETURN_IF_ERROR(files.create_folders(folder / window));
    FlushedSegment segment;
    segment.file = window + "/" + next_name() + ".seg";
    segment.window_start = start;
    LIVEDATA_TRY(segment.summary,
                 write_segment(files, folder / segment.file, batches, std::move(rows), options));
    segments.push_back(std::move(segment));
  }
  LIVEDATA_RETURN_IF_ERROR(files.sync_folder(folder));
  return segments;
}

}  // namespace livedata::storage
