#include "archive/stores/open_object_store.h"

#include <utility>

#include "archive/object_store/cached_store.h"
#include "archive/object_store/folder_store.h"
#include "archive/s3/s3_store.h"
#include "http_client/http_client.h"

namespace livedata::archive {

Result<std::unique_ptr<ObjectStore>> open_object_store(const ObjectStoreOptions& options,
                                                       FileSystem& files, const Clock& clock) {
  const bool is_s3 = !options.s3.bucket.empty();
  if (is_s3 != options.folder.empty())
    return fail(ErrorCode::kInvalidArgument,
                "the archive is in a folder or in a bucket: set either archive.folder or "
                "archive.s3.bucket");
  if (!is_s3) return std::make_unique<FolderStore>(files, options.folder);
  using http_client::HttpClient;
  const s3::S3Store::Surroundings surroundings{
      files,
      std::make_shared<HttpClient>(HttpClient::Options{.ca_file = options.s3.ca_file,
                                                       .proxy = HttpClient::Proxy::kEnvironment}),
      std::make_shared<HttpClient>(
          HttpClient::Options{.connect_timeout = std::chrono::milliseconds(1'000)}),
      clock};
  LIVEDATA_TRY(std::unique_ptr<ObjectStore> store, s3::S3Store::create(options.s3, surroundings));
  if (options.cache_bytes == 0) return store;
  return std::make_unique<CachedStore>(
      std::move(store), files, CachedStore::Options{options.cache_folder, options.cache_bytes});
}

}  // namespace livedata::archive
