#pragma once

#include <memory>
#include <string>

#include "archive/file/file_index.h"
#include "archive/object_store/object_store.h"
#include "storage/segment/block_source.h"
#include "storage/segment/segment_cache.h"

namespace livedata::archive {

/// A Parquet file of the archive as a scan reads it. Its index is loaded when it is asked for, and
/// kept by the cache. Thread-safe.
class ArchivedFile final : public storage::segment::BlockSource {
 public:
  struct Facts {
    std::string key;  ///< of the Parquet file
    std::uint64_t num_rows = 0;
    TimestampNs min_timestamp = 0;
    TimestampNs max_timestamp = 0;  ///< inclusive
  };
  /// The store must outlive it.
  ArchivedFile(ObjectStore& store, Facts facts,
               std::shared_ptr<storage::segment::SegmentCache> cache);
  ~ArchivedFile() override;
  ArchivedFile(const ArchivedFile&) = delete;
  ArchivedFile& operator=(const ArchivedFile&) = delete;

  [[nodiscard]] TimestampNs min_timestamp() const override { return facts_.min_timestamp; }
  [[nodiscard]] TimestampNs max_timestamp() const override { return facts_.max_timestamp; }
  [[nodiscard]] std::uint64_t num_rows() const override { return facts_.num_rows; }
  [[nodiscard]] const std::string& key() const { return facts_.key; }
  /// Made from the Parquet file where the index is gone or damaged, which reads all of it.
  Result<std::shared_ptr<const storage::segment::SegmentMetadata>> metadata() const override;
  Result<RecordBatch> read_rows(const storage::segment::SegmentMetadata& metadata,
                                const storage::segment::BlockEntry& block,
                                const storage::ColumnSelection& selection,
                                const Deadline& deadline) const override;

 private:
  Result<std::shared_ptr<const FileIndex>> index() const;
  Result<FileIndex> read_index(const Deadline& deadline) const;
  Result<FileIndex> load_index() const;

  ObjectStore& store_;
  const Facts facts_;
  const std::shared_ptr<storage::segment::SegmentCache> cache_;
  const std::uint64_t cache_id_;
};

/// Key of the index beside a Parquet file.
std::string index_key(std::string_view file_key);

}  // namespace livedata::archive
