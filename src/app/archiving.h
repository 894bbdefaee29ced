#pragma once

#include <memory>

#include "archive/archive_service.h"
#include "config/config.h"
#include "storage/store.h"

namespace livedata {

/// The archive of a store as the configuration wants it: read, and written to in the background. An
/// archive that the data folder has is read also where no more is written to it.
class Archiving {
 public:
  /// Attaches the archive to the store. All arguments but the first must outlive it.
  static Result<std::unique_ptr<Archiving>> open(const Config& config, storage::Store& store,
                                                 const Path& data_folder, FileSystem& files,
                                                 const Clock& clock, Logger& logger,
                                                 MetricRegistry& metrics);
  /// Ends the work in the background. Idempotent.
  void stop();

 private:
  std::shared_ptr<archive::ArchiveCatalog> catalog_;
  std::unique_ptr<archive::ArchiveService> service_;  // null: nothing is written
};

/// kInvalidArgument names the key.
Result<archive::ArchiveOptions> archive_options(const Config& config, const Path& data_folder);

}  // namespace livedata
