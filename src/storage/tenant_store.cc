#include "storage/tenant_store.h"

#include <set>

#include <fmt/format.h>

namespace livedata::storage {
namespace {

// Sealed heads that may wait for their flush before appends have to.
constexpr std::size_t kMaxSealedHeads = 2;
constexpr auto kMaxWaitForRoom = std::chrono::seconds(20);
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
      segments_folder_(folder_ / "segments"),
      group_commit_([this](std::span<CommitRequest* const> requests) { return commit(requests); }),
      active_(std::make_shared<Head>()) {}

Result<std::unique_ptr<TenantStore>> TenantStore::open(const StoreContext& context,
                                                       const Path& folder, OpenMode mode) {
  std::unique_ptr<TenantStore> store(
      new TenantStore(context, folder));  // NOLINT: the constructor is private
  LIVEDATA_RETURN_IF_ERROR(store->recover(mode));
  return store;
}

Result<void> TenantStore::recover(OpenMode mode) {
  const Path manifest_path = folder_ / "MANIFEST";
  if (mode == OpenMode::kReadOnly) {
    // A writer may flush meanwhile: reading the WAL first finds its records in one place or in
    // both, and a scan drops what it meets twice.
    LIVEDATA_RETURN_IF_ERROR(replay_wal(0));
    LIVEDATA_TRY(const ManifestState state, Manifest::read(context_.files, manifest_path));
    return open_segments(state.segments);
  }
  LIVEDATA_RETURN_IF_ERROR(context_.files.create_folders(wal_folder_));
  LIVEDATA_RETURN_IF_ERROR(context_.files.create_folders(segments_folder_));
  LIVEDATA_RETURN_IF_ERROR(context_.files.sync_folder(folder_));
  LIVEDATA_TRY(manifest_, Manifest::open(context_.files, manifest_path, context_.node));
  const ManifestState& state = manifest_->state();
  next_segment_ = state.next_segment;
  LIVEDATA_RETURN_IF_ERROR(remove_orphans(state));
  LIVEDATA_RETURN_IF_ERROR(open_segments(state.segments));
  return replay_wal(state.wal_start);
}

Result<void> TenantStore::replay_wal(std::uint64_t wal_start) {
  auto recovered = std::make_shared<Head>();
  LIVEDATA_TRY(const Wal::Replay replay,
               Wal::replay(context_.files, wal_folder_, wal_start, [&](RecordBatch batch) {
                 intern_streams(batch);
                 recovered->add(std::make_shared<RecordBatch>(std::move(batch)),
                                context_.clock.steady_now());
               }));
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
    if (manifest_)
      LIVEDATA_RETURN_IF_ERROR(context_.files.rename(path, path.string() + ".damaged"));
  }
  const MutexLock commit_lock(commit_mutex_);
  const MutexLock lock(state_mutex_);
  if (recovered->num_rows() > 0) sealed_.push_back({std::move(recovered), replay.next_file});
  if (!manifest_) return {};  // read-only
  LIVEDATA_TRY(wal_, Wal::create(context_.files, wal_folder_, replay.next_file));
  if (sealed_.empty())
    LIVEDATA_RETURN_IF_ERROR(Wal::remove_before(context_.files, wal_folder_, replay.next_file));
  return {};
}

Result<void> TenantStore::open_segments(const std::vector<SegmentMeta>& segments) {
  for (const SegmentMeta& meta : segments) {
    auto reader = segment::SegmentReader::open(
        context_.files, segments_folder_ / meta.file,
        [this](StreamRef stream) { return intern(std::move(stream)); });
    if (!reader) {
      // The rest of the data must stay available; the manifest keeps the segment for a later
      // repair.
      context_.logger.error("segment left out: {}", reader.error().message);
      context_.metrics
          .counter("livedata_segments_damaged_total", "Segments that could not be opened")
          .add();
      continue;
    }
    const MutexLock lock(state_mutex_);
    segments_.push_back(*std::move(reader));
  }
  return {};
}

Result<void> TenantStore::remove_orphans(const ManifestState& state) const {
  std::set<std::string> live;
  for (const SegmentMeta& segment : state.segments) live.insert(segment.file);
  LIVEDATA_TRY(const auto windows, context_.files.list(segments_folder_));
  for (const std::string& window : windows) {
    LIVEDATA_TRY(const auto names, context_.files.list(segments_folder_ / window));
    for (const std::string& name : names) {
      if (live.contains((Path(window) / name).string())) continue;
      LIVEDATA_RETURN_IF_ERROR(context_.files.remove(segments_folder_ / window / name));
    }
  }
  return {};
}

StreamRef TenantStore::intern(StreamRef stream) {
  const MutexLock lock(intern_mutex_);
  return interned_.try_emplace(stream->id, stream).first->second;
}

void TenantStore::intern_streams(RecordBatch& batch) {
  for (std::uint32_t i = 0; i < batch.streams().size(); ++i)
    batch.replace_stream(i, intern(batch.streams()[i]));
}

Result<void> TenantStore::wait_for_room() {
  MutexLock lock(state_mutex_);
  const auto give_up = std::chrono::steady_clock::now() + kMaxWaitForRoom;
  while (sealed_.size() >= kMaxSealedHeads) {
    if (lock.wait_for(flushed_, give_up - std::chrono::steady_clock::now()) ==
        std::cv_status::timeout) {
      return fail(ErrorCode::kResourceExhausted,
                  "the disk does not keep up with the incoming records; try again later");
    }
  }
  return {};
}

Result<void> TenantStore::append(const std::shared_ptr<RecordBatch>& batch) {
  if (batch->empty()) return {};
  LIVEDATA_RETURN_IF_ERROR(wait_for_room());
  intern_streams(*batch);
  return group_commit_.run({Wal::encode(*batch), batch});
}

Result<void> TenantStore::check_disk_space() {
  const auto now = context_.clock.steady_now();
  if (now - disk_checked_ >= kDiskCheckInterval) {
    disk_checked_ = now;
    LIVEDATA_TRY(const std::uint64_t free, context_.files.free_bytes(folder_));
    disk_is_full_ = free < context_.options.min_free_bytes;
  }
  if (disk_is_full_) {
    return fail(ErrorCode::kUnavailable,
                "the disk of {} is full (less than {} MiB free); free some space",
                context_.options.data_folder.string(), context_.options.min_free_bytes >> 20U);
  }
  return {};
}

Result<void> TenantStore::write_wal(std::span<CommitRequest* const> requests) {
  if (!wal_ || wal_->is_poisoned()) {
    return fail(ErrorCode::kUnavailable,
                "the write-ahead log failed and can't be trusted; restart livedata");
  }
  LIVEDATA_RETURN_IF_ERROR(check_disk_space());
  if (wal_->file_bytes() >= context_.options.wal_file_bytes)
    LIVEDATA_RETURN_IF_ERROR(wal_->rotate());
  std::string joined;
  for (const CommitRequest* request : requests) joined += request->wal_record;
  LIVEDATA_RETURN_IF_ERROR(wal_->write(joined));
  if (context_.options.wal_sync == WalSync::kGroup) return wal_->sync();
  wal_has_unsynced_ = true;
  return {};
}

Result<void> TenantStore::commit(std::span<CommitRequest* const> requests) {
  const MutexLock commit_lock(commit_mutex_);
  LIVEDATA_RETURN_IF_ERROR(write_wal(requests));
  std::shared_ptr<Head> head;
  {
    const MutexLock lock(state_mutex_);
    head = active_;
  }
  const auto now = context_.clock.steady_now();
  for (const CommitRequest* request : requests) head->add(request->batch, now);
  if (head->size_bytes() < context_.options.head_bytes) return {};
  // The records are committed whether or not the head can be sealed now; the next commit tries
  // again.
  if (auto sealed = seal_locked(); !sealed)
    context_.logger.warn("the head could not be sealed: {}", sealed.error().message);
  return {};
}

Result<void> TenantStore::seal_locked() {
  if (!wal_) return fail(ErrorCode::kUnsupported, "the data folder is open for reading only");
  LIVEDATA_RETURN_IF_ERROR(wal_->rotate());
  {
    const MutexLock lock(state_mutex_);
    sealed_.push_back({std::exchange(active_, std::make_shared<Head>()), wal_->number()});
  }
  if (notify_sealed_) notify_sealed_();
  return {};
}

Result<void> TenantStore::seal(SealWhen when) {
  const MutexLock commit_lock(commit_mutex_);
  std::shared_ptr<const Head> head;
  {
    const MutexLock lock(state_mutex_);
    head = active_;
  }
  const auto born = head->born();
  if (!born || !wal_) return {};
  if (when == SealWhen::kOld && context_.clock.steady_now() - *born < context_.options.head_age)
    return {};
  return seal_locked();
}

Result<void> TenantStore::sync_wal() {
  const MutexLock commit_lock(commit_mutex_);
  if (!wal_ || !wal_has_unsynced_) return {};
  wal_has_unsynced_ = false;
  return wal_->sync();
}

bool TenantStore::has_sealed() const {
  const MutexLock lock(state_mutex_);
  return !sealed_.empty();
}

std::string TenantStore::next_segment_name() {
  return fmt::format("{}-{:012x}", context_.node, next_segment_++);
}

Result<void> TenantStore::flush_sealed() {
  SealedHead oldest;
  {
    const MutexLock lock(state_mutex_);
    if (sealed_.empty()) return {};
    oldest = sealed_.front();
  }
  const auto records = records_of(*oldest.head);
  const FlushOptions options{.block_bytes = context_.options.block_bytes,
                             .window = context_.options.window};
  LIVEDATA_TRY(const auto flushed, flush_batches(context_.files, segments_folder_, records, options,
                                                 [this] { return next_segment_name(); }));
  LIVEDATA_RETURN_IF_ERROR(publish(flushed, oldest));
  context_.metrics.counter("livedata_flushes_total", "Heads flushed into segments").add();
  return Wal::remove_before(context_.files, wal_folder_, oldest.wal_end);
}

Result<void> TenantStore::publish(const std::vector<FlushedSegment>& flushed,
                                  const SealedHead& sealed) {
  std::vector<SegmentMeta> metas;
  std::vector<std::shared_ptr<const segment::SegmentReader>> readers;
  for (const FlushedSegment& segment : flushed) {
    metas.push_back({segment.file, segment.window_start, segment.summary.file_bytes,
                     segment.summary.num_rows, segment.summary.min_timestamp,
                     segment.summary.max_timestamp});
    LIVEDATA_TRY(auto reader, segment::SegmentReader::open(
                                  context_.files, segments_folder_ / segment.file,
                                  [this](StreamRef s) { return intern(std::move(s)); }));
    readers.push_back(std::move(reader));
  }
  if (!manifest_) return fail(ErrorCode::kUnsupported, "the data folder is open for reading only");
  LIVEDATA_RETURN_IF_ERROR(manifest_->apply(std::move(metas), next_segment_, sealed.wal_end));
  {
    const MutexLock lock(state_mutex_);
    segments_.insert(segments_.end(), readers.begin(), readers.end());
    sealed_.pop_front();
  }
  flushed_.notify_all();
  return {};
}

Snapshot TenantStore::snapshot() const {
  Snapshot snapshot;
  const MutexLock lock(state_mutex_);
  snapshot.segments = segments_;
  for (const SealedHead& sealed : sealed_) {
    for (auto& batch : sealed.head->batches()) snapshot.head.push_back(batch);
  }
  for (auto& batch : active_->batches()) snapshot.head.push_back(batch);
  return snapshot;
}

void TenantStore::add_status(StoreStatus& status) const {
  const MutexLock lock(state_mutex_);
  status.segments += segments_.size();
  for (const auto& segment : segments_) {
    status.segment_bytes += segment->file_bytes();
    status.segment_rows += segment->num_rows();
  }
  const auto add_head = [&status](const Head& head) {
    status.head_bytes += head.size_bytes();
    status.head_rows += head.num_rows();
  };
  for (const SealedHead& sealed : sealed_) add_head(*sealed.head);
  add_head(*active_);
}

}  // namespace livedata::storage
