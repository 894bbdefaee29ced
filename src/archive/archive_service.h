#pragma once

#include <condition_variable>
#include <memory>
#include <thread>

#include "archive/archive_catalog.h"
#include "archive/archive_options.h"
#include "archive/archive_plan.h"
#include "base/clock.h"
#include "base/deadline.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"
#include "base/mutex.h"
#include "storage/compaction/throttle.h"
#include "storage/store.h"

namespace livedata::archive {

/// Moves days that are old enough from a store into its archive, merges late data into what is
/// there, and applies delete requests to it. At every instant a record is in the store, in the
/// archive, or in both, where a scan gives it once:
///
///   files are put into the object store -> one edit of the archive's manifest lists them, with the
///   segments that they were made of -> one edit of the store's manifest drops those segments ->
///   the archive forgets their names
///
/// A crash leaves files that no manifest lists, which the next start removes.
class ArchiveService {
 public:
  /// All of these must outlive it. The catalog is open, and attached to the store.
  ArchiveService(storage::Store& store, ArchiveCatalog& catalog, ArchiveOptions options,
                 FileSystem& files, const Clock& clock, Logger& logger, MetricRegistry& metrics);
  ~ArchiveService() { stop(); }
  ArchiveService(const ArchiveService&) = delete;
  ArchiveService& operator=(const ArchiveService&) = delete;

  /// Removes what a crash has left, and begins to work on a thread of its own, ld-archive.
  Result<void> start();
  /// Ends the work where it is. Idempotent.
  void stop();

  /// Does all that is due now. Not while the thread runs.
  Result<void> run();

 private:
  Result<void> clean_up();
  Result<void> run_tenant(const TenantId& tenant);
  Result<void> run_job(const TenantId& tenant, const DayJob& job);
  Result<void> drop_segments(const TenantId& tenant);
  Result<void> pace(std::size_t raw_bytes);
  void work();
  /// False when it stops.
  bool sleep(std::chrono::nanoseconds time);

  storage::Store& store_;
  ArchiveCatalog& catalog_;
  const ArchiveOptions options_;
  FileSystem& files_;
  const Clock& clock_;
  Logger& logger_;
  MetricRegistry& metrics_;
  storage::Throttle throttle_;  // used by the working thread only
  const Deadline deadline_;     // cancelled when it stops

  Mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: works with all of the above
};

}  // namespace livedata::archive
