#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/result.h"
#include "model/bookmark.h"
#include "model/label_matcher.h"
#include "model/record_batch.h"
#include "model/tenant_id.h"
#include "model/tenant_scope.h"
#include "storage/census/column_census.h"
#include "storage/compaction/compaction_plan.h"
#include "storage/deletion/delete_request.h"
#include "storage/retention/retention_policy.h"
#include "storage/scan/archived_windows.h"
#include "storage/scan/scan.h"
#include "storage/wal/durability.h"

namespace livedata::storage {

/// When an append is acknowledged.
enum class WalSync {
  kGroup,     ///< after fdatasync, shared by all waiting writers: survives power loss
  kInterval,  ///< after write; fdatasync every second: survives kill -9, power loss costs a second
  kOff,       ///< after write; the kernel decides: survives kill -9 only
};

struct StoreOptions {
  Path data_folder;
  WalSync wal_sync = WalSync::kGroup;
  std::size_t wal_file_bytes = 64_MiB;  ///< a fuller WAL file is followed by a new one
  std::size_t head_bytes = 64_MiB;      ///< a larger head is flushed into segments
  std::chrono::nanoseconds head_age = std::chrono::minutes(30);  ///< an older head is flushed
  std::size_t block_bytes = 1_MiB;                               ///< raw bytes of a block
  std::chrono::nanoseconds window =
      std::chrono::hours(1);              ///< a segment holds records of one window
  std::uint64_t min_free_bytes = 64_MiB;  ///< below this much free disk appends are refused
  /// How long an append waits for a full memory to be flushed before it is refused.
  std::chrono::nanoseconds max_append_wait = std::chrono::seconds(20);
  /// Appends of a tenant that may wait for that at the same time; others are refused at once, so
  /// that not every thread of a server waits.
  std::size_t max_waiting_appends = 3;
  /// Heads of all tenants together; above it the largest one is flushed.
  std::size_t all_heads_bytes = 256_MiB;
  std::chrono::nanoseconds wal_file_age = std::chrono::hours(1);  ///< an older WAL file is followed
  std::size_t metadata_cache_bytes = 64_MiB;  ///< of segments' metadata and filters
  std::size_t block_cache_bytes = 32_MiB;     ///< of decoded blocks that selective queries read
  double filter_false_positive_rate = 0.01;   ///< of the value filters of blocks
  CompactionOptions compaction = {};
  bool compact_in_background = true;
  std::uint64_t compaction_bytes_per_second = 64_MiB;  ///< of raw text, over all tenants
  RetentionOptions retention = {};
  /// Every segment is read and checked so often; 0: never.
  std::chrono::nanoseconds scrub_interval = std::chrono::hours(24 * 7);
};

enum class OpenMode { kReadWrite, kReadOnly };

struct StoreStatus {
  std::size_t segments = 0;
  std::uint64_t segment_bytes = 0;
  std::uint64_t segment_rows = 0;
  std::size_t head_bytes = 0;
  std::uint64_t head_rows = 0;
  std::uint64_t wal_bytes = 0;
  std::uint64_t wal_files = 0;
  std::size_t delete_requests = 0;  ///< not processed
  std::size_t streams = 0;
};

/// A sound segment of the store, as whoever copies it elsewhere needs it.
struct SealedSegment {
  SegmentMeta meta;
  std::shared_ptr<const segment::BlockSource> blocks;
};

/// The records of all tenants in one data folder: WAL, heads, segments. One writing process at a
/// time. Thread-safe. Nothing above this class knows files.
class Store {
 public:
  /// Opens or creates the folder, takes its lock (kAlreadyExists: another process has it) and
  /// recovers what the WALs hold. kReadOnly takes no lock, changes nothing and refuses appends.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options, OpenMode mode,
                                             FileSystem& files, const Clock& clock, Logger& logger,
                                             MetricRegistry& metrics);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Adds records. On return they are durable as WalSync says and every later scan sees them. A
  /// failure means that none of them will ever be seen by a scan of this process; kUnavailable and
  /// kResourceExhausted may be tried again later.
  /// `bookmarks` are stored with the records, in one atomic step; there may be no records.
  Result<void> append(const TenantId& tenant, RecordBatch batch, Bookmarks bookmarks = {},
                      Durability durability = Durability::kNow);
  /// The same of a batch that the caller keeps, to append it again when it was refused. From the
  /// call on nobody may change it.
  Result<void> append(const TenantId& tenant, const std::shared_ptr<RecordBatch>& batch,
                      Bookmarks bookmarks = {}, Durability durability = Durability::kNow);

  /// Where readers of the tenant's sources have come to.
  [[nodiscard]] Bookmarks bookmarks(const TenantId& tenant) const;

  /// An unknown tenant has no records.
  Result<Scan> scan(const TenantScope& scope, const ScanRequest& request) const;

  /// A number that is another one after every change of the records in the range, as long as the
  /// store is open. Whoever keeps a result under it takes it before the scan.
  [[nodiscard]] std::uint64_t change_stamp(const TenantId& tenant, const TimeRange& range) const;

  /// Streams with at least one record in the range (by the bounds of their blocks) that meet the
  /// matchers.
  Result<std::vector<StreamRef>> streams(const TenantScope& scope, const TimeRange& range,
                                         const std::vector<LabelMatcher>& matchers) const;

  /// The first time in the range at which the tenant may have a record, by the bounds of what holds
  /// them; nothing where it has none.
  [[nodiscard]] std::optional<TimestampNs> earliest(const TenantId& tenant,
                                                    const TimeRange& range) const;

  /// Which labels and fields the tenant's records have.
  [[nodiscard]] ColumnCensus columns(const TenantId& tenant) const;

  using AppendListener =
      std::function<void(const TenantId&, const std::shared_ptr<const RecordBatch>&)>;
  /// Calls the listener after each append, on the appending thread, until the returned handle is
  /// destroyed. The listener must be quick and must not call the store.
  [[nodiscard]] std::shared_ptr<void> subscribe(AppendListener listener);

  /// Hides the records of the request that are stored now, at once, and removes them from the files
  /// later. Id and creation time are set here. Returns the id.
  Result<std::uint64_t> add_delete_request(const TenantId& tenant, DeleteRequest request);
  /// Shows the records again that have not been removed from files yet. kNotFound: no such request;
  /// kInvalidArgument: it is processed.
  Result<void> cancel_delete_request(const TenantId& tenant, std::uint64_t id);
  [[nodiscard]] std::vector<DeleteRequest> delete_requests(const TenantId& tenant) const;

  /// From here on archived records are read too. Once, before the store is shared.
  void attach(std::shared_ptr<const ArchivedWindows> archive);
  /// The tenant's sound segments, in no order.
  [[nodiscard]] std::vector<SealedSegment> segments(const TenantId& tenant) const;
  /// Removes segments, by SegmentMeta::file, in one edit; those that are not live are left out.
  /// Precondition: the attached archive has their records.
  Result<void> drop_archived(const TenantId& tenant, const std::vector<std::string>& segments);

  /// Flushes every head into segments and waits for it.
  Result<void> flush();
  /// Compacts everything that is below the tier into it, and waits for it.
  Result<void> compact(Tier tier);
  /// Does all compaction, retention and checking that is due, and waits for it.
  Result<void> maintain();
  /// Refuses further appends, flushes and releases the folder. Idempotent; the destructor calls it.
  Result<void> close();

  [[nodiscard]] StoreStatus status() const;
  [[nodiscard]] std::vector<TenantId> tenants() const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace livedata::storage
