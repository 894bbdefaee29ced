#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/file_system.h"
#include "model/record_batch.h"
#include "storage/segment/column_selection.h"
#include "storage/segment/segment_metadata.h"

namespace livedata::storage::segment {

/// Exchanges a stream for an equal one that is shared with other segments and heads.
using InternStream = std::function<StreamRef(StreamRef)>;

/// Timestamps and streams of a block: what decides which rows a scan wants before it reads the
/// rest.
struct BlockKeys {
  std::vector<TimestampNs> timestamps;
  std::vector<StreamOrdinal> streams;  ///< ordinals in the segment
};

/// Reads one segment file. Metadata is in memory, columns are read when asked for, and each is held
/// against its checksum. Immutable and thread-safe.
class SegmentReader {
 public:
  static Result<std::shared_ptr<const SegmentReader>> open(FileSystem& files, const Path& path,
                                                           const InternStream& intern);

  [[nodiscard]] std::span<const StreamEntry> streams() const { return streams_; }
  [[nodiscard]] const LabelPostings& postings() const { return postings_; }
  [[nodiscard]] std::span<const BlockEntry> blocks() const { return directory_.blocks; }
  [[nodiscard]] TimestampNs min_timestamp() const { return min_timestamp_; }
  [[nodiscard]] TimestampNs max_timestamp() const { return max_timestamp_; }
  [[nodiscard]] std::uint64_t num_rows() const { return num_rows_; }
  [[nodiscard]] std::uint64_t file_bytes() const { return file_->size(); }
  [[nodiscard]] const Path& path() const { return path_; }

  Result<BlockKeys> read_keys(std::size_t block) const;
  /// The block's rows with the selected columns. `keys` are the block's.
  Result<RecordBatch> read_block(std::size_t block, BlockKeys keys,
                                 const ColumnSelection& selection) const;

 private:
  SegmentReader(Path path, std::unique_ptr<ReadableFile> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  struct PartEntry;
  Result<void> read_metadata(const InternStream& intern);
  Result<std::string> read_part(const PartEntry& part, std::string_view what) const;
  Result<std::string> read_column(std::size_t block, std::size_t part) const;
  Result<StringColumn> read_lines(std::size_t block, bool wanted) const;
  Result<std::vector<FieldColumn>> read_fields(std::size_t block,
                                               const ColumnSelection& selection) const;
  [[nodiscard]] std::size_t part_of(std::size_t block, std::uint32_t kind) const;
  [[nodiscard]] std::string where(std::size_t block) const;

  Path path_;
  std::unique_ptr<ReadableFile> file_;
  std::vector<StreamEntry> streams_;
  LabelPostings postings_;
  Directory directory_;
  TimestampNs min_timestamp_ = 0;
  TimestampNs max_timestamp_ = 0;
  std::uint64_t num_rows_ = 0;
};

}  // namespace livedata::storage::segment
