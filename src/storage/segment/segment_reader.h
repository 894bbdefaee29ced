#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "encoding/bloom_filter.h"
#include "encoding/gram_filter.h"
#include "model/record_batch.h"
#include "storage/segment/block_scan.h"
#include "storage/segment/block_source.h"
#include "storage/segment/column_selection.h"
#include "storage/segment/segment_cache.h"
#include "storage/segment/segment_format.h"
#include "storage/segment/segment_metadata.h"
#include "storage/segment/stream_table.h"

namespace livedata::storage::segment {

/// What the segments of one tenant share.
struct SegmentSharing {
  std::shared_ptr<StreamTable> streams;
  std::shared_ptr<SegmentCache> cache;
};

/// Timestamps and streams of a block: what decides which rows a scan wants before it reads the
/// rest.
struct BlockKeys {
  std::vector<TimestampNs> timestamps;
  std::vector<StreamOrdinal> streams;  ///< ordinals in the segment
};

/// Reads one segment file. Metadata is loaded when it is asked for and held by the cache; parts of
/// blocks are read one by one, and each is held against its checksum. Thread-safe.
class SegmentReader final : public BlockSource {
 public:
  /// Reads the footer, or finds the blocks of a file whose footer is damaged. kCorrupt for a file
  /// that is no segment.
  static Result<std::shared_ptr<const SegmentReader>> open(FileSystem& files, const Path& path,
                                                           SegmentSharing sharing);
  ~SegmentReader() override;
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  [[nodiscard]] TimestampNs min_timestamp() const override { return min_timestamp_; }
  [[nodiscard]] TimestampNs max_timestamp() const override { return max_timestamp_; }
  [[nodiscard]] std::uint64_t num_rows() const override { return num_rows_; }
  [[nodiscard]] std::uint64_t file_bytes() const { return file_->size(); }
  /// Bytes of the file from the header to the parts behind the blocks.
  [[nodiscard]] std::uint64_t block_bytes() const { return end_of_blocks_; }
  /// Bytes of one of the parts behind the blocks.
  [[nodiscard]] std::uint64_t part_bytes(Part part) const { return parts_[part].size; }
  [[nodiscard]] const Path& path() const { return path_; }

  /// Made from the blocks when a part of it is damaged; then its `damage` says what.
  Result<std::shared_ptr<const SegmentMetadata>> metadata() const override;

  /// What `make` gives for the metadata, kept with it. All callers ask for the same type and make
  /// the same of it.
  template <class T, class Make>
  Result<std::shared_ptr<const T>> derived(const Make& make) const {
    return sharing_.cache->get<T>({cache_id_, SegmentCache::kDerived},
                                  [&]() -> Result<std::shared_ptr<const T>> {
                                    LIVEDATA_TRY(const auto loaded, metadata());
                                    return std::make_shared<const T>(make(*loaded));
                                  });
  }

  Result<BlockKeys> read_keys(const SegmentMetadata& metadata, const BlockEntry& block) const;
  /// The block's rows with the selected columns. `keys` are the block's.
  Result<RecordBatch> read_block(const SegmentMetadata& metadata, const BlockEntry& block,
                                 BlockKeys keys, const ColumnSelection& selection) const;
  Result<RecordBatch> read_rows(const SegmentMetadata& metadata, const BlockEntry& block,
                                const ColumnSelection& selection,
                                const Deadline& deadline) const override;
  /// A block that keep_block() was given lately, with all its columns; null: none is there.
  [[nodiscard]] std::shared_ptr<const RecordBatch> kept_block(const BlockEntry& block) const {
    return sharing_.cache->find_block({cache_id_, block.offset});
  }
  void keep_block(const BlockEntry& block, const std::shared_ptr<const RecordBatch>& batch) const {
    sharing_.cache->keep_block({cache_id_, block.offset}, batch);
  }
  /// The filter over the block's lines, kept for the next query. Null: the block has none.
  Result<std::shared_ptr<const encoding::GramFilter>> cached_grams(const BlockEntry& block) const;
  /// The block's filters as they are in the file. None: the block has none.
  Result<std::optional<encoding::GramFilter>> read_grams(const BlockEntry& block) const;
  Result<std::optional<encoding::BloomFilter>> read_values(const BlockEntry& block) const;
  /// The blocks as they describe themselves; each must be in the directory too.
  Result<BlockScan> scan_blocks() const { return segment::scan_blocks(*file_, block_bytes()); }
  /// The bytes of one part, whose checksum is right.
  Result<std::string> read_part(const BlockEntry& block, const BlockPart& part) const;

 private:
  struct PartEntry {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t raw_size = 0;
    std::uint32_t crc = 0;
  };

  SegmentReader(Path path, std::unique_ptr<ReadableFile> file, SegmentSharing sharing)
      : path_(std::move(path)),
        file_(std::move(file)),
        sharing_(std::move(sharing)),
        cache_id_(sharing_.cache->next_id()) {}

  Result<void> read_header() const;
  Result<void> read_footer();
  Result<void> do_without_footer();
  Result<std::shared_ptr<const SegmentMetadata>> load_or_rebuild_metadata() const;
  Result<std::shared_ptr<const SegmentMetadata>> load_metadata() const;
  Result<std::string> read_metadata_part(Part part, std::string_view what) const;
  Result<StringColumn> read_lines(const BlockEntry& block, bool wanted) const;
  Result<std::vector<FieldColumn>> read_fields(const BlockEntry& block,
                                               const ColumnSelection& selection) const;
  [[nodiscard]] std::string where(const BlockEntry& block) const;

  Path path_;
  std::unique_ptr<ReadableFile> file_;
  SegmentSharing sharing_;
  std::uint64_t cache_id_;
  std::string footer_damage_;  // empty: the footer is good
  std::uint64_t end_of_blocks_ = 0;
  PartEntry parts_[kNumParts];
  TimestampNs min_timestamp_ = 0;
  TimestampNs max_timestamp_ = 0;
  std::uint64_t num_rows_ = 0;
};

}  // namespace livedata::storage::segment
