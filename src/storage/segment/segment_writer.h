#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "model/record_batch.h"
#include "storage/segment/segment_metadata.h"

namespace livedata::storage::segment {

struct SegmentSummary {
  std::uint64_t file_bytes = 0;
  std::uint64_t num_rows = 0;
  TimestampNs min_timestamp = 0;
  TimestampNs max_timestamp = 0;  ///< inclusive
};

/// Writes one segment file, block by block. Not thread-safe.
class SegmentWriter {
 public:
  /// `streams` sorted by labels; a row's stream is its index here.
  static Result<SegmentWriter> create(FileSystem& files, const Path& path,
                                      std::vector<StreamRef> streams, int zstd_level);

  /// Adds a block. Preconditions: not empty; rows sorted by stream and time, and not before those
  /// of the block added last; ordinals index the writer's streams (columns.streams is not looked
  /// at).
  Result<void> add_block(const RecordBatch::Columns& columns);

  /// Writes the metadata and syncs the file. Precondition: at least one block was added.
  Result<SegmentSummary> finish();

 private:
  SegmentWriter(std::unique_ptr<WritableFile> file, std::vector<StreamRef> streams, int zstd_level);

  Result<void> write(std::string_view bytes);
  void add_part(BlockEntry& block, std::uint32_t kind, const std::string& part,
                std::string& bytes) const;
  void count_rows(const RecordBatch::Columns& columns, BlockEntry& block);
  std::uint32_t field_kind(const FieldColumn& column);
  std::string encode_footer(std::span<const std::string> entries) const;
  Result<std::string> write_part(std::string_view raw);

  std::unique_ptr<WritableFile> file_;
  int zstd_level_;
  std::uint64_t offset_ = 0;
  std::vector<StreamEntry> streams_;
  Directory directory_;
  std::map<std::pair<std::string, FieldType>, std::uint32_t> field_index_;
  SegmentSummary summary_;
};

}  // namespace livedata::storage::segment
