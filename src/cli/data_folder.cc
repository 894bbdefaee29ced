#include "cli/data_folder.h"

#include "archive/open_archive.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/logger.h"
#include "base/metric.h"

namespace livedata::cli {
namespace {

struct Folder {
  PosixFileSystem files;
  SystemClock clock;
  Logger logger{clock, LogLevel::kWarn};
  MetricRegistry metrics;
  std::unique_ptr<storage::Store> store = {};
};

}  // namespace

Result<std::shared_ptr<const storage::Store>> open_data_folder(const std::string& path) {
  const auto folder = std::make_shared<Folder>();
  storage::StoreOptions options;
  options.data_folder = path;
  LIVEDATA_TRY(folder->store,
               storage::Store::open(options, storage::OpenMode::kReadOnly, folder->files,
                                    folder->clock, folder->logger, folder->metrics));
  LIVEDATA_TRY(auto archive,
               archive::open_noted_archive(folder->files, options.data_folder, folder->logger));
  if (archive != nullptr) folder->store->attach(std::move(archive));
  return std::shared_ptr<const storage::Store>(folder, folder->store.get());
}

}  // namespace livedata::cli
