#include "app/archiving.h"

#include <algorithm>

#include "app/object_store_options.h"
#include "archive/open_archive.h"

namespace livedata {
namespace {

constexpr auto kOpenTimeout = std::chrono::minutes(5);
constexpr auto kShortestInterval = std::chrono::seconds(1);
constexpr auto kLongestInterval = std::chrono::minutes(1);

/// A bucket where one is named, else a folder.
Result<archive::ObjectStoreOptions> archive_place(const Config& config, const Path& data_folder) {
  LIVEDATA_TRY(auto place, object_store_options(config, data_folder, credentials_environment()));
  if (place.s3.bucket.empty()) {
    place.folder =
        config.archive_folder.empty() ? data_folder / "archive" : Path(config.archive_folder);
  } else if (!config.archive_folder.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "archive.folder and archive.s3.bucket are both set; the archive is in one of them");
  }
  return place;
}

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
    LIVEDATA_TRY(auto noted, archive::open_noted_archive(files, data_folder,
                                                         credentials_environment(), clock, logger));
    if (noted != nullptr) store.attach(std::move(noted));
    return archiving;
  }
  LIVEDATA_TRY(auto options, archive_options(config, data_folder));
  LIVEDATA_TRY(const auto place, archive_place(config, data_folder));
  LIVEDATA_TRY(auto objects, archive::open_object_store(place, files, clock));
  archiving->catalog_ = std::make_shared<archive::ArchiveCatalog>(std::move(objects), logger);
  LIVEDATA_RETURN_IF_ERROR(archiving->catalog_->open(Deadline::after(kOpenTimeout)));
  LIVEDATA_RETURN_IF_ERROR(archive::note_archive(files, data_folder, place));
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
