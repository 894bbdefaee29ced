#include "storage/tenant_store.h"

#include <algorithm>

#include "storage/check/segment_check.h"
#include "storage/columns/column_codec.h"
#include "storage/retention/retention.h"

namespace livedata::storage {
namespace {

// Sealed heads that may wait for their flush before appends have to.
constexpr std::size_t kMaxSealedHeads = 2;
constexpr auto kDiskCheckInterval = std::chrono::seconds(1);

std::vector<std::shared_ptr<const RecordBatch>> records_of(const Head& head) {
  std::vector<std::shared_ptr<const RecordBatch>> records;
  for (const auto& batch : head.batches()) records.push_back(batch->records);
  return records;
}

}  // namespace

TenantStore::TenantStore(const StoreContext& context, Path folder)
    : context_(context),
      folder_(std::move(folder)),
      wal_folder_(folder_ / "wal"),
      streams_(std::make_shared<StreamTable>()),
      group_commit_([this](std::span<CommitRequest* const> requests) { return commit(requests); }) {
}

Result<std::unique_ptr<TenantStore>> TenantStore::open(const StoreContext& context,
                                                       const Path& folder, OpenMode mode) {
  std::unique_ptr<TenantStore> store(
      new TenantStore(context, folder));  // NOLINT: the constructor is private
  LIVEDATA_RETURN_IF_ERROR(store->recover(mode));
  return store;
}

SegmentCatalog::Context TenantStore::catalog_context() const {
  return {context_.files,
          context_.clock,
          context_.logger,
          context_.metrics,
          {streams_, context_.metadata_cache}};
}

Result<void> TenantStore::recover(OpenMode mode) {
  if (mode == OpenMode::kReadOnly) return open_for_reading();
  LIVEDATA_RETURN_IF_ERROR(context_.files.create_folders(wal_folder_));
  LIVEDATA_TRY(catalog_, SegmentCatalog::open(catalog_context(), folder_, context_.node));
  return replay_wal(catalog_->wal_start(), true);
}

Result<void> TenantStore::open_for_reading() {
  // A writer may flush meanwhile: reading the WAL before the manifest finds its records in one
  // place or in both. What the manifest knows to be flushed is in its segments, with the delete
  // requests applied that it no longer lists; requests that it lists hide no record of a WAL file
  // that was begun after them.
  LIVEDATA_RETURN_IF_ERROR(replay_wal(0, false));
  LIVEDATA_TRY(catalog_, SegmentCatalog::open_read_only(catalog_context(), folder_));
  const auto requests = catalog_->requests();
  const MutexLock lock(state_mutex_);
  std::erase_if(sealed_,
                [this](const SealedHead& head) { return head.wal_end <= catalog_->wal_start(); });
  for (SealedHead& head : sealed_)
    head.delete_horizon = horizon_of_wal_file(requests, head.wal_end - 1);
  return {};
}

Result<void> TenantStore::replay_wal(std::uint64_t wal_start, bool may_change) {
  // Each WAL file becomes a sealed head of its own: delete requests begin a file, so that a head's
  // records are all older or all newer than one; and files can be read at the same time.
  Mutex heads_mutex;
  std::map<std::uint64_t, SealedHead> heads;
  const auto requests = catalog_ == nullptr ? std::vector<DeleteRequest>() : catalog_->requests();
  const auto head_of = [&](std::uint64_t file) -> SealedHead& {
    const MutexLock lock(heads_mutex);
    const auto [slot, is_new] = heads.try_emplace(file);
    if (is_new) {
      slot->second.wal_end = file + 1;
      slot->second.delete_horizon = horizon_of_wal_file(requests, file);
    }
    return slot->second;  // of one file at a time, and in its place for good
  };
  ThreadPool no_threads("ld-recover", 0, 0);  // a tenant that is new has next to nothing to read
  ThreadPool& threads =
      context_.recovery_threads == nullptr ? no_threads : *context_.recovery_threads;
  LIVEDATA_TRY(const Wal::Replay replay,
               Wal::replay(context_.files, wal_folder_, wal_start, threads,
                           [&](std::uint64_t file, Wal::Entry entry) {
                             SealedHead& head = head_of(file);
                             for (auto& [key, value] : entry.bookmarks)
                               head.bookmarks[key] = std::move(value);
                             if (entry.batch.empty()) return;
                             intern_streams(entry.batch);
                             head.head->add(std::make_shared<RecordBatch>(std::move(entry.batch)),
                                            context_.clock.steady_now());
                           }));
  LIVEDATA_RETURN_IF_ERROR(report_replay(replay, may_change));
  const MutexLock commit_lock(commit_mutex_);
  const MutexLock lock(state_mutex_);
  if (catalog_ != nullptr) bookmarks_ = catalog_->bookmarks();
  for (auto& [file, head] : heads) {
    update(bookmarks_, head.bookmarks);
    sealed_.push_back(std::move(head));
  }
  if (!may_change) return {};
  active_.delete_horizon = catalog_->delete_horizon();
  LIVEDATA_TRY(wal_, Wal::create(context_.files, wal_folder_, replay.next_file));
  wal_file_born_ = context_.clock.steady_now();
  if (sealed_.empty())
    LIVEDATA_RETURN_IF_ERROR(Wal::remove_before(context_.files, wal_folder_, replay.next_file));
  return {};
}

Result<void> TenantStore::report_replay(const Wal::Replay& replay, bool may_change) {
  if (replay.batches > 0) {
    context_.logger.info("recovered {} records from the write-ahead log of {}", replay.rows,
                         folder_.filename().string());
  }
  if (replay.damaged_bytes > 0) {
    context_.logger.error(
        "{} damaged bytes in {} places of the write-ahead log {} were skipped; records may be lost",
        replay.damaged_bytes, replay.damaged_regions, wal_folder_.string());
    context_.metrics
        .counter("livedata_wal_damaged_bytes_total",
                 "Bytes of damaged WAL records skipped at recovery")
        .add(replay.damaged_bytes);
  }
  if (replay.torn_bytes > 0) {
    context_.logger.info("{} bytes of unfinished writes at the end of {} were left out",
                         replay.torn_bytes, wal_folder_.string());
  }
  for (const Path& path : replay.unreadable) {
    context_.logger.error(
        "{} is not readable as a write-ahead log and was set aside; records may be lost",
        path.string());
    // Kept under another name, for a person to look at; a reader must not change anything.
    if (may_change)
      LIVEDATA_RETURN_IF_ERROR(context_.files.rename(path, path.string() + ".damaged"));
  }
  return {};
}

void TenantStore::intern_streams(RecordBatch& batch) const {
  for (std::uint32_t i = 0; i < batch.streams().size(); ++i)
    batch.replace_stream(i, streams_->intern(batch.streams()[i]));
}

TenantStore::LiveHead TenantStore::active() const {
  const MutexLock lock(state_mutex_);
  return active_;
}

Result<void> TenantStore::wait_for_room() {
  MutexLock lock(state_mutex_);
  const auto give_up = std::chrono::steady_clock::now() + context_.options.max_append_wait;
  const bool may_wait = num_waiting_ < context_.options.max_waiting_appends;
  while (sealed_.size() > kMaxSealedHeads) {
    const auto left = give_up - std::chrono::steady_clock::now();
    if (!may_wait || left <= std::chrono::nanoseconds(0)) {
      context_.metrics
          .counter("livedata_appends_refused_total", "Appends refused because memory was full")
          .add();
      return fail(ErrorCode::kResourceExhausted,
                  "memory is full because the disk can't keep up; try again later");
    }
    ++num_waiting_;
    static_cast<void>(lock.wait_for(flushed_, left));
    --num_waiting_;
  }
  return {};
}

Result<void> TenantStore::append(const std::shared_ptr<RecordBatch>& batch, Bookmarks bookmarks,
                                 Durability durability) {
  if (batch->empty() && bookmarks.empty()) return {};
  // What the WAL holds must be readable again.
  if (batch->num_rows() > columns::kMaxRows || batch->size_bytes() > columns::kMaxColumnBytes) {
    return fail(ErrorCode::kTooLarge,
                "a batch of {} records and {} bytes is too large; send smaller ones",
                batch->num_rows(), batch->size_bytes());
  }
  LIVEDATA_RETURN_IF_ERROR(wait_for_room());
  intern_streams(*batch);
  std::string record = Wal::encode(*batch, bookmarks);
  return group_commit_.run({std::move(record), batch, std::move(bookmarks), durability});
}

Bookmarks TenantStore::bookmarks() const {
  const MutexLock lock(state_mutex_);
  return bookmarks_;
}

void TenantStore::keep_bookmarks(const Bookmarks& bookmarks) {
  if (bookmarks.empty()) return;
  const MutexLock lock(state_mutex_);
  // Forgetting is kept with the head, so that the manifest forgets too.
  for (const auto& [key, value] : bookmarks) active_bookmarks_[key] = value;
  update(bookmarks_, bookmarks);
}

Result<void> TenantStore::check_disk_space() {
  const auto now = context_.clock.steady_now();
  // Between two looks at the disk no more than a part of the reserve may be written.
  if (now - disk_checked_ >= kDiskCheckInterval ||
      written_since_check_ >= context_.options.min_free_bytes / 8) {
    disk_checked_ = now;
    written_since_check_ = 0;
    LIVEDATA_TRY(const DiskSpace space, context_.files.disk_space(folder_));
    disk_is_full_ = space.free_bytes < context_.options.min_free_bytes;
  }
  if (disk_is_full_) {
    return fail(ErrorCode::kUnavailable,
                "the disk of {} is full (less than {} MiB free); free some space",
                context_.options.data_folder.string(), context_.options.min_free_bytes >> 20U);
  }
  return {};
}

Result<void> TenantStore::write_wal(std::span<CommitRequest* const> requests) {
  if (!wal_) return fail(ErrorCode::kUnsupported, "the data folder is open for reading only");
  LIVEDATA_RETURN_IF_ERROR(check_disk_space());
  // What is in the failed file was acknowledged before it failed, or refused; nobody can tell how
  // it ends, so it is not written on.
  if (wal_->is_poisoned()) LIVEDATA_RETURN_IF_ERROR(wal_->abandon_file());
  const auto now = context_.clock.steady_now();
  if (wal_->file_bytes() >= context_.options.wal_file_bytes ||
      now - wal_file_born_ >= context_.options.wal_file_age) {
    LIVEDATA_RETURN_IF_ERROR(wal_->rotate());
    wal_file_born_ = now;
  }
  std::string joined;
  for (const CommitRequest* request : requests) joined += request->wal_record;
  LIVEDATA_RETURN_IF_ERROR(wal_->write(joined));
  wal_bytes_ += joined.size();
  written_since_check_ += joined.size();
  const bool is_now = std::any_of(
      requests.begin(), requests.end(),
      [](const CommitRequest* request) { return request->durability == Durability::kNow; });
  if (context_.options.wal_sync == WalSync::kGroup && is_now) {
    unsynced_since_.reset();
    return wal_->sync();
  }
  if (!unsynced_since_) unsynced_since_ = now;
  return {};
}

Result<void> TenantStore::commit(std::span<CommitRequest* const> requests) {
  const MutexLock commit_lock(commit_mutex_);
  LIVEDATA_RETURN_IF_ERROR(write_wal(requests));
  const LiveHead live = active();
  const auto now = context_.clock.steady_now();
  for (const CommitRequest* request : requests) {
    keep_bookmarks(request->bookmarks);
    if (request->batch->empty()) continue;
    live.head->add(request->batch, now);
    change_stamps_.add(request->batch->min_timestamp(), request->batch->max_timestamp());
  }
  if (live.head->size_bytes() < context_.options.head_bytes) return {};
  // The records are committed whether or not the head can be sealed now; the next commit tries
  // again.
  if (auto sealed = seal_locked(); !sealed)
    context_.logger.warn("the head could not be sealed: {}", sealed.error().message);
  return {};
}

Result<void> TenantStore::seal_locked() {
  if (!wal_) return fail(ErrorCode::kUnsupported, "the data folder is open for reading only");
  LIVEDATA_RETURN_IF_ERROR(wal_->is_poisoned() ? wal_->abandon_file() : wal_->rotate());
  wal_file_born_ = context_.clock.steady_now();
  {
    const MutexLock lock(state_mutex_);
    SealedHead sealed;
    sealed.head = std::exchange(active_.head, std::make_shared<Head>());
    sealed.delete_horizon = active_.delete_horizon;
    sealed.wal_end = wal_->number();
    sealed.wal_bytes = wal_bytes_.exchange(0);
    sealed.bookmarks = std::exchange(active_bookmarks_, {});
    sealed_.push_back(std::move(sealed));
  }
  if (notify_sealed_) notify_sealed_();
  return {};
}

Result<void> TenantStore::seal(SealWhen when) {
  const MutexLock commit_lock(commit_mutex_);
  const auto born = active().head->born();
  if (!born || !wal_) return {};
  if (when == SealWhen::kOld && context_.clock.steady_now() - *born < context_.options.head_age)
    return {};
  return seal_locked();
}

Result<void> TenantStore::sync_wal() {
  const MutexLock commit_lock(commit_mutex_);
  if (!wal_ || !unsynced_since_ || context_.options.wal_sync == WalSync::kOff) return {};
  const bool is_due = context_.options.wal_sync == WalSync::kInterval ||
                      context_.clock.steady_now() - *unsynced_since_ >= kSoonest;
  if (!is_due) return {};
  unsynced_since_.reset();
  return wal_->sync();
}

bool TenantStore::has_sealed() const {
  const MutexLock lock(state_mutex_);
  return !sealed_.empty();
}

std::size_t TenantStore::active_head_bytes() const { return active().head->size_bytes(); }

Result<void> TenantStore::flush_sealed() {
  SealedHead oldest;
  {
    const MutexLock lock(state_mutex_);
    if (sealed_.empty()) return {};
    oldest = sealed_.front();
  }
  const auto records = records_of(*oldest.head);
  FlushOptions options{.block_bytes = context_.options.block_bytes,
                       .window = context_.options.window};
  options.segment.codec = context_.options.compaction.tiers.front().codec;
  options.segment.false_positive_rate = context_.options.filter_false_positive_rate;
  LIVEDATA_TRY(const auto flushed,
               flush_batches(context_.files, catalog_->segments_folder(), records, options,
                             [this] { return catalog_->next_name(); }));
  LIVEDATA_RETURN_IF_ERROR(publish(flushed, oldest));
  context_.metrics.counter("livedata_flushes_total", "Heads flushed into segments").add();
  return Wal::remove_before(context_.files, wal_folder_, oldest.wal_end);
}

Result<void> TenantStore::publish(const std::vector<FlushedSegment>& flushed,
                                  const SealedHead& sealed) {
  ManifestEdit edit;
  edit.wal_start = sealed.wal_end;
  edit.bookmarks = sealed.bookmarks;
  std::uint64_t bytes = 0;
  for (const FlushedSegment& segment : flushed) {
    edit.added.push_back({.file = segment.file,
                          .window_start = segment.window_start,
                          .window_end = segment.window_start + context_.options.window.count(),
                          .file_bytes = segment.summary.file_bytes,
                          .num_rows = segment.summary.num_rows,
                          .min_timestamp = segment.summary.min_timestamp,
                          .max_timestamp = segment.summary.max_timestamp,
                          .created = context_.clock.now(),
                          .delete_horizon = sealed.delete_horizon});
    bytes += segment.summary.file_bytes;
  }
  LIVEDATA_RETURN_IF_ERROR(catalog_->apply(std::move(edit)));
  context_.metrics.counter("livedata_flushed_bytes_total", "Bytes of segments that flushes wrote")
      .add(bytes);
  {
    // Readers take the heads before the segments, so that they see these records in either place.
    const MutexLock lock(state_mutex_);
    sealed_.pop_front();
  }
  flushed_.notify_all();
  return {};
}

Snapshot TenantStore::snapshot() const {
  Snapshot snapshot;
  {
    const MutexLock lock(state_mutex_);
    const auto add = [&](const LiveHead& live) {
      for (auto& batch : live.head->batches())
        snapshot.head.push_back({batch, live.delete_horizon});
    };
    for (const SealedHead& sealed : sealed_) add(sealed);
    add(active_);
  }
  CatalogView view = catalog_->view();
  for (LiveSegment& segment : view.segments)
    snapshot.segments.push_back({std::move(segment.reader), segment.meta.delete_horizon});
  snapshot.deletes = std::move(view.deletes);
  return snapshot;
}

Result<std::uint64_t> TenantStore::add_delete_request(DeleteRequest request) {
  const MutexLock commit_lock(commit_mutex_);
  // From here on records go into another head and WAL file, which the request does not concern.
  LIVEDATA_RETURN_IF_ERROR(seal_locked());
  if (!wal_) return fail(ErrorCode::kInternal, "a sealed head has no write-ahead log");
  request.id = catalog_->delete_horizon() + 1;
  request.created = context_.clock.now();
  request.wal_file = wal_->number();
  request.is_processed = false;
  const std::uint64_t id = request.id;
  LIVEDATA_RETURN_IF_ERROR(catalog_->apply({.requests = {std::move(request)}}));
  change_stamps_.change_all();
  const MutexLock lock(state_mutex_);
  active_.delete_horizon = id;
  return id;
}

Result<void> TenantStore::cancel_delete_request(std::uint64_t id) {
  for (const DeleteRequest& request : catalog_->requests()) {
    if (request.id != id) continue;
    if (request.is_processed) {
      return fail(ErrorCode::kInvalidArgument,
                  "the delete request {} is processed; its records are gone", id);
    }
    auto applied = catalog_->apply({.cancelled = {id}});
    change_stamps_.change_all();
    return applied;
  }
  return fail(ErrorCode::kNotFound, "there is no delete request {}", id);
}

Compactor TenantStore::compactor(const Pace& pace) const {
  MergeOptions merge;
  merge.block_bytes = context_.options.block_bytes;
  merge.segment.false_positive_rate = context_.options.filter_false_positive_rate;
  merge.pace = pace;
  return {*catalog_, catalog_context(), context_.options.compaction, std::move(merge)};
}

Result<void> TenantStore::maintain(const Pace& pace, const std::vector<SegmentMeta>& archived) {
  Compactor compactor = this->compactor(pace);
  const auto now = context_.clock.steady_now();
  if (now - retention_ran_ >= context_.options.retention.interval) {
    retention_ran_ = now;
    LIVEDATA_RETURN_IF_ERROR(run_retention(compactor));
    change_stamps_.change_all();
  }
  for (bool worked = true; worked;) {
    LIVEDATA_TRY(worked, compactor.run_once());
    if (worked) change_stamps_.change_all();  // expired records are left out
    catalog_->remove_retired();
  }
  LIVEDATA_RETURN_IF_ERROR(finish_delete_requests(archived));
  catalog_->remove_retired();
  return {};
}

Result<void> TenantStore::run_retention(Compactor& compactor) {
  LIVEDATA_TRY(const DiskSpace space, context_.files.disk_space(folder_));
  Retention retention(*catalog_, catalog_context(), context_.options.retention,
                      folder_ / "audit.jsonl");
  return retention.run(compactor, {space.total_bytes, space.free_bytes});
}

Result<void> TenantStore::finish_delete_requests(const std::vector<SegmentMeta>& archived) {
  std::uint64_t head_horizon = ~std::uint64_t{0};
  {
    const MutexLock lock(state_mutex_);
    for (const SealedHead& sealed : sealed_)
      head_horizon = std::min(head_horizon, sealed.delete_horizon);
  }
  std::vector<SegmentMeta> metas = archived;
  for (const LiveSegment& segment : catalog_->segments()) metas.push_back(segment.meta);
  auto done = processed_requests(metas, catalog_->requests(), head_horizon);
  return done.empty() ? Result<void>() : catalog_->apply({.requests = std::move(done)});
}

Result<void> TenantStore::compact(Tier tier, const Pace& pace) {
  Compactor compactor = this->compactor(pace);
  LIVEDATA_RETURN_IF_ERROR(compactor.run_forced(tier));
  catalog_->remove_retired();
  return {};
}

std::vector<SealedSegment> TenantStore::sound_segments() const {
  std::vector<SealedSegment> out;
  for (LiveSegment& segment : catalog_->view().segments) {
    if (!segment.is_damaged) out.push_back({std::move(segment.meta), std::move(segment.reader)});
  }
  return out;
}

Result<void> TenantStore::drop_segments(const std::vector<std::string>& files) {
  ManifestEdit edit;
  for (const LiveSegment& segment : catalog_->segments()) {
    if (std::find(files.begin(), files.end(), segment.meta.file) != files.end())
      edit.removed.push_back(segment.meta.file);
  }
  if (edit.removed.empty()) return {};
  LIVEDATA_RETURN_IF_ERROR(catalog_->apply(std::move(edit)));
  catalog_->remove_retired();
  return {};
}

Result<void> TenantStore::scrub(const Pace& pace) {
  const auto now = context_.clock.steady_now();
  std::optional<LiveSegment> next;
  auto checked_at = now;
  std::map<std::string, std::chrono::steady_clock::time_point> live;
  for (LiveSegment& segment : catalog_->view().segments) {
    // Where it was written is as good as a check.
    const auto at = scrubbed_.try_emplace(segment.meta.file, now).first->second;
    live[segment.meta.file] = at;
    if (segment.is_damaged || at >= checked_at) continue;
    checked_at = at;
    next = std::move(segment);
  }
  scrubbed_ = std::move(live);
  if (!next || now - checked_at < context_.options.scrub_interval) return {};
  scrubbed_[next->meta.file] = now;
  const auto checked = check_segment(*next->reader, pace);
  if (!checked && checked.error().code != ErrorCode::kCorrupt) return fail(checked.error());
  context_.metrics.counter("livedata_segments_scrubbed_total", "Segments read to be checked").add();
  if (!checked || !checked->damaged_blocks.empty() || !checked->damaged_index.empty())
    catalog_->mark_damaged(next->meta.file);
  return {};
}

void TenantStore::add_status(StoreStatus& status) const {
  for (const LiveSegment& segment : catalog_->segments()) {
    ++status.segments;
    status.segment_bytes += segment.meta.file_bytes;
    status.segment_rows += segment.meta.num_rows;
  }
  for (const DeleteRequest& request : catalog_->requests())
    status.delete_requests += request.is_processed ? 0 : 1;
  status.streams += streams_->size();
  status.wal_bytes += wal_bytes_;
  const MutexLock lock(state_mutex_);
  const auto add_head = [&status](const LiveHead& live) {
    status.head_bytes += live.head->size_bytes();
    status.head_rows += live.head->num_rows();
  };
  for (const SealedHead& sealed : sealed_) {
    add_head(sealed);
    status.wal_bytes += sealed.wal_bytes;
  }
  add_head(active_);
}

}  // namespace livedata::storage
