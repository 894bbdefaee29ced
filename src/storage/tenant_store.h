#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/mutex.h"
#include "base/thread_pool.h"
#include "model/record_batch.h"
#include "storage/catalog/segment_catalog.h"
#include "storage/change_stamps.h"
#include "storage/compaction/compactor.h"
#include "storage/flush/flush.h"
#include "storage/head/head.h"
#include "storage/scan/snapshot.h"
#include "storage/store.h"
#include "storage/wal/group_commit.h"
#include "storage/wal/wal.h"

namespace livedata::storage {

/// What the parts of a store share.
struct StoreContext {
  StoreOptions options;
  std::string node;  ///< id of this data folder's writer, unique among machines
  FileSystem& files;
  const Clock& clock;
  Logger& logger;
  MetricRegistry& metrics;
  std::shared_ptr<segment::SegmentCache> metadata_cache;
  ThreadPool* recovery_threads = nullptr;  ///< while tenants are opened at start
};

/// One tenant's WAL, heads and segments.
///
/// An append goes through the group commit into the WAL and the active head. When the head is full
/// or old it is sealed: a new head and a new WAL file begin, and the sealed head waits to be
/// flushed. A flush writes segments, adds them to the manifest in one edit that also moves the
/// start of the WAL, and only then are the sealed head and its WAL files gone. So at every instant
/// each acknowledged record is in a WAL file that recovery will read, or in a segment that the
/// manifest lists.
///
/// Thread-safe; flush_sealed() by one thread at a time, and so maintain() and compact().
class TenantStore {
 public:
  static Result<std::unique_ptr<TenantStore>> open(const StoreContext& context, const Path& folder,
                                                   OpenMode mode);

  /// Durable as WalSync says, and visible to every later snapshot. `batch` is shared with the head.
  Result<void> append(const std::shared_ptr<RecordBatch>& batch, Bookmarks bookmarks,
                      Durability durability);
  [[nodiscard]] Bookmarks bookmarks() const LIVEDATA_EXCLUDES(state_mutex_);
  [[nodiscard]] Snapshot snapshot() const;
  /// A number that is another one after every change of the range's records.
  [[nodiscard]] std::uint64_t change_stamp(const TimeRange& range) const {
    return change_stamps_.of(range);
  }

  /// Seals the active head if it is older than the options allow, or whenever it is not empty.
  enum class SealWhen { kOld, kNotEmpty };
  Result<void> seal(SealWhen when);
  [[nodiscard]] bool has_sealed() const;
  [[nodiscard]] std::size_t active_head_bytes() const;
  /// Flushes the oldest sealed head, if there is one. After a failure it stays sealed and
  /// queryable.
  Result<void> flush_sealed();
  /// Makes written records durable where appends don't: with WalSync::kInterval, and those that had
  /// to be durable soon.
  Result<void> sync_wal();
  /// Called when a head was sealed, so that somebody flushes it.
  void on_sealed(std::function<void()> notify) { notify_sealed_ = std::move(notify); }

  Result<std::uint64_t> add_delete_request(DeleteRequest request);
  Result<void> cancel_delete_request(std::uint64_t id);
  [[nodiscard]] std::vector<DeleteRequest> delete_requests() const { return catalog_->requests(); }

  /// Paces compaction, and ends it with an error when the store stops.
  using Pace = std::function<Result<void>(std::size_t raw_bytes)>;
  /// Compaction, retention and clean-up as far as they are due. Delete requests that concern one
  /// of the `archived` files are not done.
  Result<void> maintain(const Pace& pace, const std::vector<SegmentMeta>& archived);
  /// Compacts everything that is below the tier into it.
  Result<void> compact(Tier tier, const Pace& pace);

  [[nodiscard]] std::vector<SealedSegment> sound_segments() const;
  /// Removes those of the segments that are live. Not while maintain() or compact() runs.
  Result<void> drop_segments(const std::vector<std::string>& files);

  /// Checks the segment that was not checked for longest, if that is long enough ago. What turns
  /// out to be damaged is marked so, and reported.
  Result<void> scrub(const Pace& pace);

  void add_status(StoreStatus& status) const;

 private:
  struct LiveHead {
    std::shared_ptr<Head> head = std::make_shared<Head>();
    std::uint64_t delete_horizon = 0;
  };
  struct SealedHead : LiveHead {
    std::uint64_t wal_end = 0;  // WAL files with smaller numbers hold nothing newer than this head
    std::uint64_t wal_bytes = 0;  // of its records in the WAL
    Bookmarks bookmarks;          // that came with its records
  };

  TenantStore(const StoreContext& context, Path folder);

  Result<void> recover(OpenMode mode);
  Result<void> replay_wal(std::uint64_t wal_start, bool may_change);
  Result<void> report_replay(const Wal::Replay& replay, bool may_change);

  Result<void> commit(std::span<CommitRequest* const> requests) LIVEDATA_EXCLUDES(commit_mutex_);
  Result<void> write_wal(std::span<CommitRequest* const> requests) LIVEDATA_REQUIRES(commit_mutex_);
  Result<void> check_disk_space() LIVEDATA_REQUIRES(commit_mutex_);
  Result<void> seal_locked() LIVEDATA_REQUIRES(commit_mutex_);
  Result<void> wait_for_room() LIVEDATA_EXCLUDES(state_mutex_);
  void keep_bookmarks(const Bookmarks& bookmarks) LIVEDATA_EXCLUDES(state_mutex_);
  [[nodiscard]] LiveHead active() const LIVEDATA_EXCLUDES(state_mutex_);
  void intern_streams(RecordBatch& batch) const;
  Result<void> publish(const std::vector<FlushedSegment>& flushed, const SealedHead& sealed);

  [[nodiscard]] SegmentCatalog::Context catalog_context() const;
  [[nodiscard]] Compactor compactor(const Pace& pace) const;
  Result<void> run_retention(Compactor& compactor);
  Result<void> finish_delete_requests(const std::vector<SegmentMeta>& archived);
  Result<void> open_for_reading();

  const StoreContext& context_;
  const Path folder_;
  const Path wal_folder_;
  const std::shared_ptr<StreamTable> streams_;
  std::unique_ptr<SegmentCatalog> catalog_;  // set by recover(), and never again
  ChangeStamps change_stamps_;
  std::function<void()> notify_sealed_;
  GroupCommit group_commit_;

  // Held by whoever writes to the WAL or seals. Taken before state_mutex_.
  Mutex commit_mutex_;
  std::optional<Wal> wal_ LIVEDATA_GUARDED_BY(commit_mutex_);
  /// Since the first record that is written and not synced, if there is one.
  std::optional<std::chrono::steady_clock::time_point> unsynced_since_
      LIVEDATA_GUARDED_BY(commit_mutex_);
  std::chrono::steady_clock::time_point wal_file_born_ LIVEDATA_GUARDED_BY(commit_mutex_);
  std::chrono::steady_clock::time_point disk_checked_ LIVEDATA_GUARDED_BY(commit_mutex_);
  std::uint64_t written_since_check_ LIVEDATA_GUARDED_BY(commit_mutex_) = 0;
  bool disk_is_full_ LIVEDATA_GUARDED_BY(commit_mutex_) = false;

  // What readers see beside the segments.
  mutable Mutex state_mutex_;
  std::condition_variable flushed_;
  std::size_t num_waiting_ LIVEDATA_GUARDED_BY(state_mutex_) = 0;  // for a flush
  std::deque<SealedHead> sealed_ LIVEDATA_GUARDED_BY(state_mutex_);
  LiveHead active_ LIVEDATA_GUARDED_BY(state_mutex_);
  Bookmarks active_bookmarks_ LIVEDATA_GUARDED_BY(state_mutex_);  // that came with its records
  Bookmarks bookmarks_ LIVEDATA_GUARDED_BY(state_mutex_);         // all of them

  std::atomic<std::uint64_t> wal_bytes_ = 0;             // of the active head's records in the WAL
  std::chrono::steady_clock::time_point retention_ran_;  // used by maintain() only
  // When each segment was checked since the start; used by scrub() only.
  std::map<std::string, std::chrono::steady_clock::time_point> scrubbed_;
};

}  // namespace livedata::storage
