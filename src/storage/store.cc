#include "storage/store.h"

#include <algorithm>
#include <map>
#include <random>
#include <thread>
#include <unordered_set>

#include <fmt/format.h>

#include "base/mutex.h"
#include "base/thread_pool.h"
#include "storage/compaction/throttle.h"
#include "storage/scan/segment_census.h"
#include "storage/scan/snapshot.h"
#include "storage/tenant_store.h"

namespace livedata::storage {
namespace {

constexpr auto kFlusherTick = std::chrono::seconds(1);
constexpr auto kRetryFlushAfter = std::chrono::seconds(2);
constexpr std::size_t kMaxRecoveryTasks = 64;
constexpr auto kMaintenanceTick = std::chrono::seconds(10);
constexpr auto kRetryMaintenanceAfter = std::chrono::seconds(60);

/// Id of the data folder's writer: made once, 16 hexadecimal digits.
Result<std::string> read_or_make_node_id(FileSystem& files, const Path& path) {
  LIVEDATA_TRY(const bool exists, files.exists(path));
  if (exists) return files.read_all(path);
  std::random_device random;
  std::string id = fmt::format("{:08x}{:08x}", random(), random());
  LIVEDATA_RETURN_IF_ERROR(write_atomically(files, path, id));
  return id;
}

Error explain_lock(Error error, const Path& folder) {
  if (error.code != ErrorCode::kAlreadyExists) return error;
  error.message = fmt::format(
      "another livedata uses the data folder {} ({}); stop it, or choose another folder with "
      "--data",
      folder.string(), error.message);
  return error;
}

}  // namespace

class Store::Impl {
 public:
  Impl(const StoreOptions& options, FileSystem& files, const Clock& clock, Logger& logger,
       MetricRegistry& metrics)
      : context_{options,
                 {},
                 files,
                 clock,
                 logger,
                 metrics,
                 std::make_shared<segment::SegmentCache>(options.metadata_cache_bytes,
                                                         options.block_cache_bytes),
                 nullptr},
        tenants_folder_(options.data_folder / "tenants"),
        throttle_(options.compaction_bytes_per_second) {}

  ~Impl() { stop_threads(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> open(OpenMode mode) {
    mode_ = mode;
    if (mode == OpenMode::kReadWrite) {
      LIVEDATA_RETURN_IF_ERROR(context_.files.create_folders(tenants_folder_));
      auto locked = context_.files.lock(context_.options.data_folder / "LOCK");
      if (!locked)
        return fail(explain_lock(std::move(locked).error(), context_.options.data_folder));
      lock_ = *std::move(locked);
      LIVEDATA_TRY(context_.node,
                   read_or_make_node_id(context_.files, context_.options.data_folder / "NODE"));
    }
    LIVEDATA_RETURN_IF_ERROR(open_tenants());
    if (mode == OpenMode::kReadWrite) start_threads();
    return {};
  }

  Result<void> append(const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                      Bookmarks bookmarks, Durability durability) {
    LIVEDATA_TRY(TenantStore * store, writable_tenant(tenant));
    LIVEDATA_RETURN_IF_ERROR(store->append(batch, std::move(bookmarks), durability));
    if (!batch->empty()) notify_listeners(tenant, batch);
    return {};
  }

  [[nodiscard]] Bookmarks bookmarks(const TenantId& tenant) const {
    const MutexLock lock(mutex_);
    const auto found = tenants_.find(tenant);
    return found == tenants_.end() ? Bookmarks() : found->second->bookmarks();
  }

  [[nodiscard]] Snapshot snapshot(const TenantId& tenant) const {
    const MutexLock lock(mutex_);
    const auto found = tenants_.find(tenant);
    Snapshot snapshot = found == tenants_.end() ? Snapshot() : found->second->snapshot();
    // After the segments, so that what leaves them is seen in either place.
    if (archive_ != nullptr) add_archived(archive_->files(tenant), snapshot);
    return snapshot;
  }

  void attach(std::shared_ptr<const ArchivedWindows> archive) {
    const MutexLock lock(mutex_);
    archive_ = std::move(archive);
  }

  [[nodiscard]] std::vector<SealedSegment> segments(const TenantId& tenant) const {
    const MutexLock lock(mutex_);
    const auto found = tenants_.find(tenant);
    return found == tenants_.end() ? std::vector<SealedSegment>() : found->second->sound_segments();
  }

  Result<void> drop_archived(const TenantId& tenant, const std::vector<std::string>& segments) {
    const MutexLock lock(maintenance_mutex_);
    LIVEDATA_TRY(TenantStore * store, writable_tenant(tenant));
    return store->drop_segments(segments);
  }

  [[nodiscard]] std::uint64_t change_stamp(const TenantId& tenant, const TimeRange& range) const {
    const MutexLock lock(mutex_);
    const auto found = tenants_.find(tenant);
    return found == tenants_.end() ? 0 : found->second->change_stamp(range);
  }

  std::shared_ptr<void> subscribe(AppendListener listener) {
    auto shared = std::make_shared<AppendListener>(std::move(listener));
    const MutexLock lock(listeners_mutex_);
    std::erase_if(listeners_, [](const auto& weak) { return weak.expired(); });
    listeners_.push_back(shared);
    return shared;
  }

  Result<void> flush() {
    for (TenantStore* tenant : tenant_stores())
      LIVEDATA_RETURN_IF_ERROR(tenant->seal(TenantStore::SealWhen::kNotEmpty));
    const MutexLock lock(flush_mutex_);
    for (TenantStore* tenant : tenant_stores()) {
      while (tenant->has_sealed()) LIVEDATA_RETURN_IF_ERROR(tenant->flush_sealed());
    }
    return {};
  }

  Result<void> compact(Tier tier) {
    const MutexLock lock(maintenance_mutex_);
    for (TenantStore* tenant : tenant_stores())
      LIVEDATA_RETURN_IF_ERROR(tenant->compact(tier, unhurried()));
    return {};
  }

  Result<void> maintain() {
    const MutexLock lock(maintenance_mutex_);
    for (const auto& [id, tenant] : tenant_stores_by_id())
      LIVEDATA_RETURN_IF_ERROR(maintain_tenant(id, *tenant, unhurried()));
    return {};
  }

  Result<std::uint64_t> add_delete_request(const TenantId& tenant, DeleteRequest request) {
    LIVEDATA_TRY(TenantStore * store, writable_tenant(tenant));
    return store->add_delete_request(std::move(request));
  }

  Result<void> cancel_delete_request(const TenantId& tenant, std::uint64_t id) {
    LIVEDATA_TRY(TenantStore * store, writable_tenant(tenant));
    return store->cancel_delete_request(id);
  }

  [[nodiscard]] std::vector<DeleteRequest> delete_requests(const TenantId& tenant) const {
    const MutexLock lock(mutex_);
    const auto found = tenants_.find(tenant);
    return found == tenants_.end() ? std::vector<DeleteRequest>()
                                   : found->second->delete_requests();
  }

  Result<void> close() {
    {
      const MutexLock lock(mutex_);
      if (closed_) return {};
      closed_ = true;
    }
    stop_threads();
    Result<void> flushed;
    if (mode_ == OpenMode::kReadWrite && lock_ != nullptr) flushed = flush();
    lock_.reset();
    return flushed;
  }

  [[nodiscard]] StoreStatus status() const {
    StoreStatus status;
    const MutexLock lock(mutex_);
    for (const auto& [id, tenant] : tenants_) tenant->add_status(status);
    return status;
  }

  [[nodiscard]] std::vector<TenantId> tenants() const {
    const MutexLock lock(mutex_);
    std::vector<TenantId> ids;
    for (const auto& [id, tenant] : tenants_) ids.push_back(id);
    return ids;
  }

 private:
  Result<void> open_tenants() {
    LIVEDATA_TRY(const bool exists, context_.files.exists(tenants_folder_));
    if (!exists) {
      return fail(ErrorCode::kNotFound, "{} holds no livedata data",
                  context_.options.data_folder.string());
    }
    LIVEDATA_TRY(const auto names, context_.files.list(tenants_folder_));
    // WALs of different tenants, and files of one, are read at the same time.
    ThreadPool pool("ld-recover", std::max(1U, std::thread::hardware_concurrency()) - 1,
                    kMaxRecoveryTasks);
    context_.recovery_threads = &pool;
    std::vector<Result<void>> results(names.size());
    parallel_for(pool, names.size(),
                 [&](std::size_t i) { results[i] = open_named_tenant(names[i]); });
    context_.recovery_threads = nullptr;
    for (const Result<void>& result : results) LIVEDATA_RETURN_IF_ERROR(result);
    return {};
  }

  Result<void> open_named_tenant(const std::string& name) {
    LIVEDATA_TRY(const TenantId id, TenantId::parse(name));
    LIVEDATA_RETURN_IF_ERROR(open_tenant(id));
    return {};
  }

  Result<TenantStore*> open_tenant(const TenantId& id) {
    LIVEDATA_TRY(auto tenant, TenantStore::open(context_, tenants_folder_ / id.text(), mode_));
    tenant->on_sealed([this] { wake_flusher(); });
    const MutexLock lock(mutex_);
    return tenants_.try_emplace(id, std::move(tenant)).first->second.get();
  }

  Result<TenantStore*> writable_tenant(const TenantId& id) {
    const MutexLock creation(creation_mutex_);
    {
      const MutexLock lock(mutex_);
      if (mode_ == OpenMode::kReadOnly)
        return fail(ErrorCode::kUnsupported, "the data folder is open for reading only");
      if (closed_) return fail(ErrorCode::kUnavailable, "livedata is shutting down");
      if (const auto found = tenants_.find(id); found != tenants_.end()) return found->second.get();
    }
    return open_tenant(id);
  }

  std::vector<TenantStore*> tenant_stores() const {
    const MutexLock lock(mutex_);
    std::vector<TenantStore*> stores;
    for (const auto& [id, tenant] : tenants_) stores.push_back(tenant.get());
    return stores;
  }

  std::vector<std::pair<TenantId, TenantStore*>> tenant_stores_by_id() const {
    const MutexLock lock(mutex_);
    std::vector<std::pair<TenantId, TenantStore*>> stores;
    for (const auto& [id, tenant] : tenants_) stores.emplace_back(id, tenant.get());
    return stores;
  }

  /// Leaves out files whose segments are all still there.
  static void add_archived(std::vector<ArchivedFile> files, Snapshot& snapshot) {
    std::unordered_set<std::string> live;
    for (ArchivedFile& file : files) {
      if (live.empty() && !file.segments.empty()) {
        for (const Snapshot::Segment& segment : snapshot.segments)
          live.insert(segment_name(segment.reader->path()));
      }
      const bool is_native =
          !file.segments.empty() &&
          std::all_of(file.segments.begin(), file.segments.end(),
                      [&](const std::string& name) { return live.contains(name); });
      if (!is_native) snapshot.archived.push_back(std::move(file));
    }
  }

  /// As SegmentMeta::file has it.
  static std::string segment_name(const Path& path) {
    return (path.parent_path().filename() / path.filename()).string();
  }

  /// What delete requests may have to wait for.
  std::vector<SegmentMeta> archived_metas(const TenantId& tenant) const {
    std::shared_ptr<const ArchivedWindows> archive;
    {
      const MutexLock lock(mutex_);
      archive = archive_;
    }
    std::vector<SegmentMeta> metas;
    if (archive == nullptr) return metas;
    for (const ArchivedFile& file : archive->files(tenant)) {
      SegmentMeta& meta = metas.emplace_back();
      meta.num_rows = file.blocks->num_rows();
      meta.min_timestamp = file.blocks->min_timestamp();
      meta.max_timestamp = file.blocks->max_timestamp();
      meta.delete_horizon = file.delete_horizon;
    }
    return metas;
  }

  void notify_listeners(const TenantId& tenant, const std::shared_ptr<const RecordBatch>& batch) {
    std::vector<std::shared_ptr<AppendListener>> listeners;
    {
      const MutexLock lock(listeners_mutex_);
      for (const auto& weak : listeners_) {
        if (auto listener = weak.lock()) listeners.push_back(std::move(listener));
      }
    }
    for (const auto& listener : listeners) (*listener)(tenant, batch);
  }

  void start_threads() {
    flusher_ = std::thread([this] {
      name_this_thread("ld-flush");
      run_flusher();
    });
    if (!context_.options.compact_in_background) return;
    maintainer_ = std::thread([this] {
      name_this_thread("ld-compact");
      set_priority_of_this_thread(Priority::kIdle);
      run_maintenance();
    });
  }

  void wake_flusher() {
    const MutexLock lock(wake_mutex_);
    woken_ = true;
    wake_.notify_one();
  }

  void stop_threads() {
    {
      const MutexLock lock(wake_mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    stop_wake_.notify_all();
    if (flusher_.joinable()) flusher_.join();
    if (maintainer_.joinable()) maintainer_.join();
  }

  /// Sleeps. False when the store stops.
  bool sleep(std::chrono::nanoseconds time) {
    MutexLock lock(wake_mutex_);
    const auto until = std::chrono::steady_clock::now() + time;
    while (!stopping_) {
      const auto left = until - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds(0)) return true;
      static_cast<void>(lock.wait_for(stop_wake_, left));
    }
    return false;
  }

  /// Sleeps until something was flushed, the time is over, or the store stops. False when it stops.
  bool wait_for_maintenance(std::chrono::nanoseconds at_most) {
    MutexLock lock(wake_mutex_);
    const auto until = std::chrono::steady_clock::now() + at_most;
    while (!stopping_ && !flushed_) {
      const auto left = until - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds(0)) break;
      static_cast<void>(lock.wait_for(stop_wake_, left));
    }
    flushed_ = false;
    return !stopping_;
  }

  void wake_maintainer() {
    const MutexLock lock(wake_mutex_);
    flushed_ = true;
    stop_wake_.notify_all();
  }

  void run_maintenance() {
    std::chrono::nanoseconds pause = kMaintenanceTick;
    while (wait_for_maintenance(pause)) {
      pause = kMaintenanceTick;
      for (const auto& [id, tenant] : tenant_stores_by_id()) {
        const MutexLock lock(maintenance_mutex_);
        const auto done =
            maintain_tenant(id, *tenant, [this](std::size_t bytes) { return pace(bytes); });
        if (done || done.error().code == ErrorCode::kCancelled) continue;
        context_.logger.error("compaction failed, will be tried again: {}", done.error().message);
        context_.metrics.counter("livedata_compaction_failures_total", "Compactions that failed")
            .add();
        pause = kRetryMaintenanceAfter;
      }
    }
  }

  Result<void> maintain_tenant(const TenantId& id, TenantStore& tenant,
                               const TenantStore::Pace& pace) const {
    LIVEDATA_RETURN_IF_ERROR(tenant.maintain(pace, archived_metas(id)));
    return context_.options.scrub_interval.count() == 0 ? Result<void>() : tenant.scrub(pace);
  }

  /// Slows the background compaction down to its share, and ends it when the store stops.
  Result<void> pace(std::size_t raw_bytes) {
    if (sleep(throttle_.take(raw_bytes, context_.clock.steady_now()))) return {};
    return fail(ErrorCode::kCancelled, "livedata is shutting down");
  }
  static TenantStore::Pace unhurried() {
    return [](std::size_t) { return Result<void>(); };
  }

  /// Sleeps until a head is sealed, the tick is over, or the store stops. False when it stops.
  bool wait_for_work(std::chrono::nanoseconds at_most) {
    MutexLock lock(wake_mutex_);
    const auto until = std::chrono::steady_clock::now() + at_most;
    while (!woken_ && !stopping_) {
      if (lock.wait_for(wake_, until - std::chrono::steady_clock::now()) == std::cv_status::timeout)
        break;
    }
    woken_ = false;
    return !stopping_;
  }

  void run_flusher() {
    std::chrono::nanoseconds pause{0};  // heads recovered from the WAL are flushed at once
    while (wait_for_work(pause)) {
      pause = kFlusherTick;
      for (TenantStore* tenant : tenant_stores()) {
        if (auto done = flush_tenant(*tenant); !done) {
          context_.logger.error("flush failed, will be tried again: {}", done.error().message);
          context_.metrics.counter("livedata_flush_failures_total", "Flushes that failed").add();
          pause = kRetryFlushAfter;
        }
      }
      seal_largest_head();
    }
  }

  /// Keeps the heads of all tenants together within their bound; the next round flushes.
  void seal_largest_head() {
    TenantStore* largest = nullptr;
    std::size_t largest_bytes = 0;
    std::size_t all_bytes = 0;
    for (TenantStore* tenant : tenant_stores()) {
      const std::size_t bytes = tenant->active_head_bytes();
      all_bytes += bytes;
      if (bytes > largest_bytes) {
        largest_bytes = bytes;
        largest = tenant;
      }
    }
    if (all_bytes <= context_.options.all_heads_bytes || largest == nullptr) return;
    if (auto sealed = largest->seal(TenantStore::SealWhen::kNotEmpty); !sealed)
      context_.logger.warn("the head could not be sealed: {}", sealed.error().message);
  }

  Result<void> flush_tenant(TenantStore& tenant) {
    LIVEDATA_RETURN_IF_ERROR(tenant.sync_wal());
    LIVEDATA_RETURN_IF_ERROR(tenant.seal(TenantStore::SealWhen::kOld));
    const MutexLock lock(flush_mutex_);
    while (tenant.has_sealed()) {
      LIVEDATA_RETURN_IF_ERROR(tenant.flush_sealed());
      wake_maintainer();
    }
    return {};
  }

  StoreContext context_;
  const Path tenants_folder_;
  OpenMode mode_ = OpenMode::kReadWrite;
  std::unique_ptr<FileLock> lock_;

  Mutex creation_mutex_;  // one new tenant at a time; taken before mutex_
  mutable Mutex mutex_;
  std::map<TenantId, std::unique_ptr<TenantStore>> tenants_ LIVEDATA_GUARDED_BY(mutex_);
  std::shared_ptr<const ArchivedWindows> archive_ LIVEDATA_GUARDED_BY(mutex_);
  bool closed_ LIVEDATA_GUARDED_BY(mutex_) = false;

  Mutex listeners_mutex_;
  std::vector<std::weak_ptr<AppendListener>> listeners_ LIVEDATA_GUARDED_BY(listeners_mutex_);

  Mutex flush_mutex_;  // TenantStore::flush_sealed() takes one thread at a time

  Mutex maintenance_mutex_;  // TenantStore::maintain() and compact() take one thread at a time
  Throttle throttle_;        // used by the maintaining thread only

  Mutex wake_mutex_;
  std::condition_variable wake_;       // of the flusher
  std::condition_variable stop_wake_;  // of the maintainer
  bool woken_ LIVEDATA_GUARDED_BY(wake_mutex_) = false;
  bool flushed_ LIVEDATA_GUARDED_BY(wake_mutex_) = false;
  bool stopping_ LIVEDATA_GUARDED_BY(wake_mutex_) = false;
  std::thread flusher_;
  std::thread maintainer_;
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
  // Nobody is left to hear of a failed flush; the records stay in the WAL.
  static_cast<void>(close());
}

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, OpenMode mode,
                                           FileSystem& files, const Clock& clock, Logger& logger,
                                           MetricRegistry& metrics) {
  auto impl = std::make_unique<Impl>(options, files, clock, logger, metrics);
  LIVEDATA_RETURN_IF_ERROR(impl->open(mode));
  return std::unique_ptr<Store>(new Store(std::move(impl)));  // NOLINT: the constructor is private
}

Result<void> Store::append(const TenantId& tenant, RecordBatch batch, Bookmarks bookmarks,
                           Durability durability) {
  return impl_->append(tenant, std::make_shared<RecordBatch>(std::move(batch)),
                       std::move(bookmarks), durability);
}

Result<void> Store::append(const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                           Bookmarks bookmarks, Durability durability) {
  return impl_->append(tenant, batch, std::move(bookmarks), durability);
}

Bookmarks Store::bookmarks(const TenantId& tenant) const { return impl_->bookmarks(tenant); }

Result<Scan> Store::scan(const TenantScope& scope, const ScanRequest& request) const {
  if (scope.streams.empty()) return plan_scan(impl_->snapshot(scope.tenant), request);
  ScanRequest narrowed = request;
  narrowed.matchers.insert(narrowed.matchers.end(), scope.streams.begin(), scope.streams.end());
  return plan_scan(impl_->snapshot(scope.tenant), narrowed);
}

std::uint64_t Store::change_stamp(const TenantId& tenant, const TimeRange& range) const {
  return impl_->change_stamp(tenant, range);
}

Result<std::vector<StreamRef>> Store::streams(const TenantScope& scope, const TimeRange& range,
                                              const std::vector<LabelMatcher>& matchers) const {
  std::vector<LabelMatcher> narrowed = matchers;
  narrowed.insert(narrowed.end(), scope.streams.begin(), scope.streams.end());
  return find_streams(impl_->snapshot(scope.tenant), range, narrowed);
}

std::optional<TimestampNs> Store::earliest(const TenantId& tenant, const TimeRange& range) const {
  return earliest_time(impl_->snapshot(tenant), range);
}

ColumnCensus Store::columns(const TenantId& tenant) const {
  return count_columns(impl_->snapshot(tenant));
}

std::shared_ptr<void> Store::subscribe(AppendListener listener) {
  return impl_->subscribe(std::move(listener));
}
Result<std::uint64_t> Store::add_delete_request(const TenantId& tenant, DeleteRequest request) {
  return impl_->add_delete_request(tenant, std::move(request));
}
Result<void> Store::cancel_delete_request(const TenantId& tenant, std::uint64_t id) {
  return impl_->cancel_delete_request(tenant, id);
}
std::vector<DeleteRequest> Store::delete_requests(const TenantId& tenant) const {
  return impl_->delete_requests(tenant);
}
void Store::attach(std::shared_ptr<const ArchivedWindows> archive) {
  impl_->attach(std::move(archive));
}
std::vector<SealedSegment> Store::segments(const TenantId& tenant) const {
  return impl_->segments(tenant);
}
Result<void> Store::drop_archived(const TenantId& tenant,
                                  const std::vector<std::string>& segments) {
  return impl_->drop_archived(tenant, segments);
}
Result<void> Store::compact(Tier tier) { return impl_->compact(tier); }
Result<void> Store::maintain() { return impl_->maintain(); }
Result<void> Store::flush() { return impl_->flush(); }
Result<void> Store::close() { return impl_->close(); }
StoreStatus Store::status() const { return impl_->status(); }
std::vector<TenantId> Store::tenants() const { return impl_->tenants(); }

}  // namespace livedata::storage
