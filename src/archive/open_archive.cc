#include "archive/open_archive.h"

#include "archive/archive_catalog.h"
#include "archive/object_store/folder_store.h"

namespace livedata::archive {
namespace {

constexpr const char* kNote = "ARCHIVE";
constexpr auto kOpenTimeout = std::chrono::minutes(1);

}  // namespace

Result<void> note_archive(FileSystem& files, const Path& data_folder, const Path& archive) {
  // A data folder that holds its archive may be moved.
  std::error_code error;
  const Path inside = archive.lexically_relative(data_folder);
  const bool is_inside = !inside.empty() && *inside.begin() != "..";
  const Path absolute = std::filesystem::absolute(archive, error);
  const std::string text = (is_inside ? inside : error ? archive : absolute).string() + "\n";
  if (const auto noted = files.read_all(data_folder / kNote); noted && *noted == text) return {};
  return write_atomically(files, data_folder / kNote, text);
}

Result<std::shared_ptr<const storage::ArchivedWindows>> open_noted_archive(FileSystem& files,
                                                                           const Path& data_folder,
                                                                           Logger& logger) {
  LIVEDATA_TRY(const bool exists, files.exists(data_folder / kNote));
  if (!exists) return std::shared_ptr<const storage::ArchivedWindows>();
  LIVEDATA_TRY(std::string folder, files.read_all(data_folder / kNote));
  while (folder.ends_with('\n')) folder.pop_back();
  auto catalog = std::make_shared<ArchiveCatalog>(
      std::make_shared<FolderStore>(files, data_folder / folder), logger);
  LIVEDATA_RETURN_IF_ERROR(catalog->open(Deadline::after(kOpenTimeout)));
  return catalog;
}

}  // namespace livedata::archive
