#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "archive/file/archived_file.h"
#include "archive/manifest/archive_manifest.h"
#include "archive/object_store/object_store.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "model/tenant_id.h"
#include "storage/scan/archived_windows.h"

namespace livedata::archive {

/// The archives of all tenants in an object store: TENANT/MANIFEST.json and what it lists. Every
/// change replaces the manifest. A file that is no longer listed is removed when the last reader of
/// it is gone. Thread-safe.
class ArchiveCatalog final : public storage::ArchivedWindows {
 public:
  ArchiveCatalog(std::shared_ptr<ObjectStore> store, Logger& logger);

  /// Reads the manifests of all tenants that there are.
  Result<void> open(const Deadline& deadline);
  /// Removes files that no manifest lists: what a crash has left.
  Result<void> remove_orphans(const Deadline& deadline);

  [[nodiscard]] std::vector<storage::ArchivedFile> files(const TenantId& tenant) const override;
  [[nodiscard]] ArchiveManifest manifest(const TenantId& tenant) const;
  [[nodiscard]] std::vector<TenantId> tenants() const;
  /// A listed file; null where it is none.
  [[nodiscard]] std::shared_ptr<const ArchivedFile> file(const TenantId& tenant,
                                                         const std::string& key) const;

  /// Makes the manifest the tenant's. The files that it lists are there. After a failure nothing
  /// has changed for readers, but nobody knows what a later process will find.
  Result<void> replace(const TenantId& tenant, ArchiveManifest manifest, const Deadline& deadline);
  /// Removes the files that are neither listed nor read any more.
  void remove_retired(const Deadline& deadline);

  [[nodiscard]] ObjectStore& store() const { return *store_; }
  static std::string object_key(const TenantId& tenant, std::string_view key);

 private:
  struct Tenant {
    ArchiveManifest manifest;
    std::map<std::string, std::shared_ptr<const ArchivedFile>> files;  // by key
    std::map<std::string, std::shared_ptr<const storage::ColumnCensus>> censuses;
  };
  struct Retired {
    std::weak_ptr<const ArchivedFile> file;
    std::string key;
  };
  void take_over(const TenantId& id, ArchiveManifest manifest) LIVEDATA_EXCLUDES(mutex_);

  const std::shared_ptr<ObjectStore> store_;
  Logger& logger_;
  const std::shared_ptr<storage::segment::SegmentCache> cache_;

  Mutex edit_mutex_;  // one edit at a time; taken before mutex_
  mutable Mutex mutex_;
  std::map<TenantId, Tenant> tenants_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<Retired> retired_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::archive
