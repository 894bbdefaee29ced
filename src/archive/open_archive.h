#pragma once

#include <map>
#include <memory>
#include <string>

#include "archive/stores/open_object_store.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "storage/scan/archived_windows.h"

namespace livedata::archive {

/// Leaves a note in the data folder of where its archive is, for those who read it without a
/// server: a folder, or a bucket, and no secrets.
Result<void> note_archive(FileSystem& files, const Path& data_folder,
                          const ObjectStoreOptions& place);

/// The archive that a data folder's note tells of, for reading only; null where there is none.
/// `environment` is where credentials for a bucket may be. What is given by reference must outlive
/// it.
Result<std::shared_ptr<const storage::ArchivedWindows>> open_noted_archive(
    FileSystem& files, const Path& data_folder,
    const std::map<std::string, std::string>& environment, const Clock& clock, Logger& logger);

}  // namespace livedata::archive
