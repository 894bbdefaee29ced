#pragma once

#include <cstdint>
#include <memory>

#include "archive/object_store/object_store.h"
#include "archive/s3/s3_options.h"
#include "base/clock.h"
#include "base/file_system.h"

namespace livedata::archive {

/// Where the archive is: in a local folder, or in a bucket.
struct ObjectStoreOptions {
  Path folder = {};               ///< of a FolderStore; "": S3
  s3::S3Options s3 = {};          ///< without a bucket: a folder
  Path cache_folder = {};         ///< of what is read from S3
  std::uint64_t cache_bytes = 0;  ///< 0: nothing is kept
};

/// The store that the options name, with a cache in front if it is S3. Asks nobody and makes no
/// folder yet. kInvalidArgument: neither or both are named, or an option can't be right. `files`
/// and `clock` outlive it.
Result<std::unique_ptr<ObjectStore>> open_object_store(const ObjectStoreOptions& options,
                                                       FileSystem& files, const Clock& clock);

}  // namespace livedata::archive
