#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/mutex.h"
#include "storage/manifest/manifest.h"
#include "storage/segment/segment_reader.h"

namespace livedata::storage {

/// A live segment: what the manifest says of it, and its reader.
struct LiveSegment {
  SegmentMeta meta;
  std::shared_ptr<const segment::SegmentReader> reader;  ///< null: damaged, can't be opened
  bool is_damaged =
      false;  ///< known to be: not to be compacted, which would lose what can be saved
};

/// What a reader pins.
struct CatalogView {
  std::vector<LiveSegment> segments = {};                          ///< those that can be opened
  std::shared_ptr<const std::vector<DeleteRequest>> deletes = {};  ///< not processed; null: none
};

/// A tenant's live segments and delete requests: the manifest together with open readers. Every
/// change is one edit of the manifest. A file that is no longer live is removed when the last
/// reader of it is gone. Thread-safe.
class SegmentCatalog {
 public:
  struct Context {
    FileSystem& files;
    const Clock& clock;
    Logger& logger;
    MetricRegistry& metrics;
    segment::SegmentSharing sharing;
  };

  /// Reads the manifest, removes files that it does not list, and opens the rest. A segment that
  /// can't be opened is reported and left out, and its file is kept.
  static Result<std::unique_ptr<SegmentCatalog>> open(const Context& context, const Path& folder,
                                                      const std::string& node);
  /// For reading only: changes nothing.
  static Result<std::unique_ptr<SegmentCatalog>> open_read_only(const Context& context,
                                                                const Path& folder);

  [[nodiscard]] CatalogView view() const;
  /// All live segments, damaged ones included.
  [[nodiscard]] std::vector<LiveSegment> segments() const;
  [[nodiscard]] std::vector<DeleteRequest> requests() const;
  [[nodiscard]] std::uint64_t wal_start() const;
  /// As of wal_start().
  [[nodiscard]] Bookmarks bookmarks() const;
  /// Id of the last delete request ever: the horizon of records that are stored now.
  [[nodiscard]] std::uint64_t delete_horizon() const;

  /// Applies the edit and opens the segments it adds (their files must be there and synced). After
  /// a failure nothing has changed for readers; the files are to be left alone, since nobody knows
  /// what the manifest on disk says.
  Result<void> apply(ManifestEdit edit);

  /// Remembers until the end of the process that the segment is damaged.
  void mark_damaged(const std::string& file);

  /// A name that no segment had before, such as for <window>/NAME.seg.
  std::string next_name();
  [[nodiscard]] const Path& segments_folder() const { return segments_folder_; }

  /// Removes the files of segments that are neither live nor read any more.
  void remove_retired();

 private:
  SegmentCatalog(const Context& context, const Path& folder);

  Result<void> open_segments(const std::vector<SegmentMeta>& segments);
  Result<void> remove_orphans(const ManifestState& state) const;
  Result<std::shared_ptr<const segment::SegmentReader>> open_reader(const SegmentMeta& meta) const;
  void take_over(const ManifestState& state) LIVEDATA_REQUIRES(mutex_);

  struct Retired {
    std::weak_ptr<const segment::SegmentReader> reader;
    Path path;
  };

  const Context context_;
  const Path folder_;
  const Path segments_folder_;
  std::string node_;

  Mutex edit_mutex_;  // one edit at a time; taken before mutex_
  std::optional<Manifest> manifest_ LIVEDATA_GUARDED_BY(edit_mutex_);  // none: read-only

  mutable Mutex mutex_;
  std::vector<LiveSegment> segments_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<DeleteRequest> requests_ LIVEDATA_GUARDED_BY(mutex_);
  std::shared_ptr<const std::vector<DeleteRequest>> deletes_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<Retired> retired_ LIVEDATA_GUARDED_BY(mutex_);
  std::uint64_t wal_start_ LIVEDATA_GUARDED_BY(mutex_) = 1;
  Bookmarks bookmarks_ LIVEDATA_GUARDED_BY(mutex_);
  std::uint64_t next_segment_ LIVEDATA_GUARDED_BY(mutex_) = 1;
  std::uint64_t last_request_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata::storage
