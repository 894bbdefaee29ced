#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "encoding/gram_filter.h"
#include "encoding/text_codec.h"
#include "model/record_batch.h"
#include "storage/segment/segment_metadata.h"

namespace livedata::storage::segment {

struct SegmentOptions {
  encoding::TextCodec codec = encoding::TextCodec::zstd(1);
  /// Of the value filter of each block.
  double false_positive_rate = 0.01;
  /// Share of bits that are set in the gram filters at most: the chance that one sequence of four
  /// bytes which is not there is let through.
  double gram_fill = 0.5;
};

struct SegmentSummary {
  std::uint64_t file_bytes = 0;
  std::uint64_t num_rows = 0;
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
};

/// Writes one segment file, block by block. Not thread-safe.
class SegmentWriter {
 public:
  /// `streams` sorted by labels; a row's stream is its index here. Streams that get no row are left
  /// out of the file.
  static Result<SegmentWriter> create(FileSystem& files, const Path& path,
                                      std::vector<StreamRef> streams,
                                      const SegmentOptions& options);

  /// Adds a block. Preconditions: not empty; rows sorted by stream and time, and not before those
  /// of the block added last; ordinals index the writer's streams (columns.streams is not looked
  /// at).
  Result<void> add_block(RecordBatch::Columns columns);

  /// Writes the metadata and syncs the file. Precondition: at least one block was added.
  Result<SegmentSummary> finish();

 private:
  SegmentWriter(std::unique_ptr<WritableFile> file, std::vector<StreamRef> streams,
                const SegmentOptions& options);

  Result<void> write(std::string_view bytes);
  /// Numbers the rows' streams by those that have rows; they come in order.
  void renumber_streams(std::vector<std::uint32_t>& ordinals);
  void count_rows(const RecordBatch::Columns& columns, BlockEntry& block);
  void add_columns(const RecordBatch::Columns& columns, BlockEntry& block, std::string& bytes);
  void add_filters(const RecordBatch::Columns& columns, BlockEntry& block, std::string& bytes);
  Result<std::string> write_part(std::string_view raw, bool compress);

  std::unique_ptr<WritableFile> file_;
  SegmentOptions options_;
  std::uint64_t offset_ = 0;
  std::vector<StreamRef> all_streams_;
  std::size_t next_stream_ = 0;       // first of all_streams_ that had no row yet
  std::vector<StreamEntry> streams_;  // those with rows
  std::vector<BlockEntry> blocks_;
  encoding::GramFilterBuilder block_grams_;
  encoding::GramFilterBuilder segment_grams_;
  bool has_all_grams_ = true;  // whether every block has a gram filter
  SegmentSummary summary_;
};

}  // namespace livedata::storage::segment
