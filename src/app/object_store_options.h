#pragma once

#include <map>
#include <string>

#include "archive/stores/open_object_store.h"
#include "base/file_system.h"
#include "base/result.h"
#include "config/config.h"

namespace livedata {

/// The configuration of the archive's bucket, archive.s3.*, with a cache below the data folder
/// unless another one is named. Without a bucket the folder is left to whoever asks. `environment`
/// is where credentials may be.
Result<archive::ObjectStoreOptions> object_store_options(
    const Config& config, const Path& data_folder,
    const std::map<std::string, std::string>& environment);

/// The process's variables that say where credentials are: AWS_* and HOME.
std::map<std::string, std::string> credentials_environment();

}  // namespace livedata
