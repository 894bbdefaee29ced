#include "archive/archive_catalog.h"

#include <set>

#include "base/bytes.h"

namespace livedata::archive {
namespace {

constexpr std::size_t kIndexCacheBytes = 64_MiB;

}  // namespace

ArchiveCatalog::ArchiveCatalog(std::shared_ptr<ObjectStore> store, Logger& logger)
    : store_(std::move(store)),
      logger_(logger),
      cache_(std::make_shared<storage::segment::SegmentCache>(kIndexCacheBytes, 0)) {}

std::string ArchiveCatalog::object_key(const TenantId& tenant, std::string_view key) {
  return tenant.text() + "/" + std::string(key);
}

Result<void> ArchiveCatalog::open(const Deadline& deadline) {
  LIVEDATA_TRY(const auto objects, store_->list("", deadline));
  for (const ObjectStore::Object& object : objects) {
    const std::size_t slash = object.key.find('/');
    if (slash == std::string::npos || object.key.substr(slash + 1) != kManifestName) continue;
    const auto tenant = TenantId::parse(std::string_view(object.key).substr(0, slash));
    if (!tenant) continue;
    LIVEDATA_TRY(const std::string json, store_->get(object.key, kMaxManifestBytes, deadline));
    auto manifest = decode_manifest(json);
    if (!manifest) return fail(std::move(manifest).error().with_context(object.key));
    take_over(*tenant, *std::move(manifest));
  }
  return {};
}

Result<void> ArchiveCatalog::remove_orphans(const Deadline& deadline) {
  std::set<std::string> listed;
  for (const TenantId& tenant : tenants()) {
    for (const FileEntry& file : manifest(tenant).files) {
      listed.insert(object_key(tenant, file.key));
      listed.insert(object_key(tenant, index_key(file.key)));
    }
  }
  LIVEDATA_TRY(const auto objects, store_->list("", deadline));
  for (const ObjectStore::Object& object : objects) {
    const std::size_t slash = object.key.find('/');
    std::string_view key = std::string_view(object.key).substr(std::min(slash, object.key.size()));
    if (!key.empty()) key.remove_prefix(1);
    if (key.ends_with(".index")) key.remove_suffix(std::string_view(".index").size());
    // What is not of our making is a person's to remove.
    if (!is_file_key(key) || listed.contains(object.key)) continue;
    LIVEDATA_RETURN_IF_ERROR(store_->remove(object.key, deadline));
  }
  return {};
}

void ArchiveCatalog::take_over(const TenantId& id, ArchiveManifest manifest) {
  const MutexLock lock(mutex_);
  Tenant& tenant = tenants_[id];
  std::map<std::string, std::shared_ptr<const ArchivedFile>> files;
  std::map<std::string, std::shared_ptr<const storage::ColumnCensus>> censuses;
  for (const FileEntry& entry : manifest.files) {
    auto& file = files[entry.key];
    file = std::move(tenant.files[entry.key]);
    if (file == nullptr) {
      file = std::make_shared<const ArchivedFile>(
          *store_,
          ArchivedFile::Facts{.key = object_key(id, entry.key),
                              .num_rows = entry.rows,
                              .min_timestamp = entry.min_timestamp,
                              .max_timestamp = entry.max_timestamp},
          cache_);
    }
    censuses[entry.key] = std::make_shared<const storage::ColumnCensus>(entry.census);
  }
  for (auto& [key, file] : tenant.files) {
    if (file != nullptr && !files.contains(key)) retired_.push_back({file, object_key(id, key)});
  }
  tenant = {std::move(manifest), std::move(files), std::move(censuses)};
}

std::vector<storage::ArchivedFile> ArchiveCatalog::files(const TenantId& tenant) const {
  const MutexLock lock(mutex_);
  std::vector<storage::ArchivedFile> out;
  const auto found = tenants_.find(tenant);
  if (found == tenants_.end()) return out;
  for (const FileEntry& entry : found->second.manifest.files) {
    out.push_back({.blocks = found->second.files.at(entry.key),
                   .delete_horizon = entry.delete_horizon,
                   .census = found->second.censuses.at(entry.key),
                   .segments = entry.native});
  }
  return out;
}

ArchiveManifest ArchiveCatalog::manifest(const TenantId& tenant) const {
  const MutexLock lock(mutex_);
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? ArchiveManifest() : found->second.manifest;
}

std::vector<TenantId> ArchiveCatalog::tenants() const {
  const MutexLock lock(mutex_);
  std::vector<TenantId> out;
  for (const auto& [id, tenant] : tenants_) out.push_back(id);
  return out;
}

std::shared_ptr<const ArchivedFile> ArchiveCatalog::file(const TenantId& tenant,
                                                         const std::string& key) const {
  const MutexLock lock(mutex_);
  const auto found = tenants_.find(tenant);
  if (found == tenants_.end()) return nullptr;
  const auto file = found->second.files.find(key);
  return file == found->second.files.end() ? nullptr : file->second;
}

Result<void> ArchiveCatalog::replace(const TenantId& tenant, ArchiveManifest manifest,
                                     const Deadline& deadline) {
  const MutexLock edit_lock(edit_mutex_);
  LIVEDATA_RETURN_IF_ERROR(
      store_->put(object_key(tenant, kManifestName), encode_manifest(manifest), deadline));
  take_over(tenant, std::move(manifest));
  return {};
}

void ArchiveCatalog::remove_retired(const Deadline& deadline) {
  std::vector<std::string> unused;
  {
    const MutexLock lock(mutex_);
    std::erase_if(retired_, [&](const Retired& retired) {
      if (!retired.file.expired()) return false;
      unused.push_back(retired.key);
      return true;
    });
  }
  for (const std::string& key : unused) {
    for (const std::string& object : {key, index_key(key)}) {
      if (auto removed = store_->remove(object, deadline); !removed)
        logger_.warn("{}; it is removed at the next start", removed.error().message);
    }
  }
}

}  // namespace livedata::archive
