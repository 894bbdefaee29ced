#include "app/archiving.h"

#include <algorithm>

#include "archive/object_store/folder_store.h"
#include "archive/open_archive.h"

namespace livedata {
namespace {

constexpr auto kOpenTimeout = std::chrono::minutes(5);
constexpr auto kShortestInterval = std::chrono::seconds(1);
constexpr auto kLongestInterval = std::chrono::minutes(1);

}  // namespace

Result<archive::ArchiveOptions> archive_options(const Config& config, const Path& data_folder) {
  archive::ArchiveOptions options;
  options.after = config.archive_after;
  options.quiet = config.archive_quiet;
  options.interval =
      std::clamp<std::chrono::nanoseconds>(options.quiet, kShortestInterval, kLongestInterval);
  options.keep_native = config.archive_keep_native;
  options.file_bytes = config.archive_file_bytes;
  options.cancel_period = config.delete_cancel_period;
  options.bytes_per_second = config.compaction_bytes_per_second;
  options.staging_folder = data_folder / "archive-staging";
  if (config.retention_period.count() > 0 && config.archive_after >= config.retention_period) {
    return fail(ErrorCode::kInvalidArgument,
                "archive.after must be less than retention.period, or records go before they are "
                "archived");
  }
  return options;
}

Result<std::unique_ptr<Archiving>> Archiving::open(const Config& config, storage::Store& store,
                                                   const Path& data_folder, FileSystem& files,
                                                   const Clock& clock, Logger& logger,
                                                   MetricRegistry& metrics) {
  auto archiving = std::make_unique<Archiving>();
  if (!config.archive) {
    LIVEDATA_TRY(auto noted, archive::open_noted_archive(files, data_folder, logger));
    if (noted != nullptr) store.attach(std::move(noted));
    return archiving;
  }
  LIVEDATA_TRY(auto options, archive_options(config, data_folder));
  const Path folder =
      config.archive_folder.empty() ? data_folder / "archive" : Path(config.archive_folder);
  archiving->catalog_ = std::make_shared<archive::ArchiveCatalog>(
      std::make_shared<archive::FolderStore>(files, folder), logger);
  LIVEDATA_RETURN_IF_ERROR(archiving->catalog_->open(Deadline::after(kOpenTimeout)));
  LIVEDATA_RETURN_IF_ERROR(archive::note_archive(files, data_folder, folder));
  store.attach(archiving->catalog_);
  archiving->service_ = std::make_unique<archive::ArchiveService>(
      store, *archiving->catalog_, std::move(options), files, clock, logger, metrics);
  LIVEDATA_RETURN_IF_ERROR(archiving->service_->start());
  return archiving;
}

void Archiving::stop() {
  if (service_ != nullptr) service_->stop();
}

}  // namespace livedata
