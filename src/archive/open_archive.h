#pragma once

#include <memory>
#include <string>

#include "base/file_system.h"
#include "base/logger.h"
#include "storage/scan/archived_windows.h"

namespace livedata::archive {

/// Leaves a note in the data folder of where its archive is, for those who read it without a
/// server.
Result<void> note_archive(FileSystem& files, const Path& data_folder, const Path& archive);

/// The archive that a data folder's note tells of, for reading only; null where there is none.
/// `files` and `logger` must outlive it.
Result<std::shared_ptr<const storage::ArchivedWindows>> open_noted_archive(FileSystem& files,
                                                                           const Path& data_folder,
                                                                           Logger& logger);

}  // namespace livedata::archive
