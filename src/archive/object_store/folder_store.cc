#include "archive/object_store/folder_store.h"

#include <algorithm>

#include "archive/object_store/object_key.h"

namespace livedata::archive {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;
constexpr std::string_view kUnfinished = ".unfinished";
constexpr std::string_view kLock = ".writer";

}  // namespace

class FolderStore::Source {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}
  explicit Source(const ReadableFile& file) : file_(&file) {}

  Result<void> copy_to(WritableFile& target, const Deadline& deadline) const {
    if (file_ == nullptr) return target.append(bytes_);
    std::string piece;
    for (std::uint64_t at = 0; at < file_->size(); at += piece.size()) {
      LIVEDATA_RETURN_IF_ERROR(deadline.check());
      piece.resize(
          static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, file_->size() - at)));
      LIVEDATA_RETURN_IF_ERROR(file_->read_at(at, piece));
      LIVEDATA_RETURN_IF_ERROR(target.append(piece));
    }
    return {};
  }

 private:
  std::string_view bytes_;
  const ReadableFile* file_ = nullptr;
};

FolderStore::FolderStore(FileSystem& files, Path root) : files_(files), root_(std::move(root)) {}

Result<void> FolderStore::begin_writing() {
  const MutexLock lock(mutex_);
  if (lock_ != nullptr) return {};
  LIVEDATA_RETURN_IF_ERROR(files_.create_folders(root_ / kUnfinished));
  LIVEDATA_TRY(auto writer, files_.lock(root_ / kLock));
  LIVEDATA_TRY(const auto leftovers, files_.list(root_ / kUnfinished));
  for (const std::string& name : leftovers)
    LIVEDATA_RETURN_IF_ERROR(files_.remove(root_ / kUnfinished / name));
  LIVEDATA_RETURN_IF_ERROR(files_.sync_folder(root_));
  if (root_.has_parent_path()) LIVEDATA_RETURN_IF_ERROR(files_.sync_folder(root_.parent_path()));
  lock_ = std::move(writer);
  return {};
}

Result<void> FolderStore::publish(const Path& finished, std::string_view key) {
  const Path target = root_ / key;
  LIVEDATA_RETURN_IF_ERROR(files_.create_folders(target.parent_path()));
  LIVEDATA_RETURN_IF_ERROR(files_.rename(finished, target));
  // Up to the root: a folder that was just made is an entry of the one above it.
  Path folder = target.parent_path();
  LIVEDATA_RETURN_IF_ERROR(files_.sync_folder(folder));
  for (auto parts = std::count(key.begin(), key.end(), '/'); parts > 0; --parts) {
    folder = folder.parent_path();
    LIVEDATA_RETURN_IF_ERROR(files_.sync_folder(folder));
  }
  return {};
}

Result<void> FolderStore::write(std::string_view key, const Source& source,
                                const Deadline& deadline) {
  LIVEDATA_RETURN_IF_ERROR(check_key(key));
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  LIVEDATA_RETURN_IF_ERROR(begin_writing());
  std::uint64_t number = 0;
  {
    const MutexLock lock(mutex_);
    number = num_written_++;
  }
  const Path unfinished = root_ / kUnfinished / std::to_string(number);
  const auto finish = [&]() -> Result<void> {
    LIVEDATA_TRY(const auto file, files_.create(unfinished));
    LIVEDATA_RETURN_IF_ERROR(source.copy_to(*file, deadline));
    LIVEDATA_RETURN_IF_ERROR(file->sync());
    return publish(unfinished, key);
  };
  Result<void> outcome = finish();
  // What is not renamed goes; where that fails too, the next process that writes removes it.
  if (!outcome) static_cast<void>(files_.remove(unfinished).has_value());
  return outcome;
}

Result<void> FolderStore::put_file(std::string_view key, const Path& file,
                                   const Deadline& deadline) {
  LIVEDATA_TRY(const auto opened, files_.open(file));
  return write(key, Source(*opened), deadline);
}

Result<void> FolderStore::put(std::string_view key, std::string_view bytes,
                              const Deadline& deadline) {
  return write(key, Source(bytes), deadline);
}

Result<std::unique_ptr<ReadableFile>> FolderStore::open(std::string_view key) {
  LIVEDATA_RETURN_IF_ERROR(check_key(key));
  const Path path = root_ / key;
  LIVEDATA_TRY(auto file, files_.open(path));
  // A folder can be opened, too.
  LIVEDATA_TRY(const bool is_folder, files_.exists(path / "."));
  if (is_folder) return fail(ErrorCode::kNotFound, "{} is a folder", path.string());
  return file;
}

Result<std::string> FolderStore::get(std::string_view key, std::size_t max_bytes,
                                     const Deadline& deadline) {
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  LIVEDATA_TRY(const auto file, open(key));
  if (file->size() > max_bytes)
    return fail(ErrorCode::kTooLarge, "{} has {} bytes, more than {}", (root_ / key).string(),
                file->size(), max_bytes);
  std::string bytes(static_cast<std::size_t>(file->size()), '\0');
  LIVEDATA_RETURN_IF_ERROR(file->read_at(0, bytes));
  return bytes;
}

Result<std::size_t> FolderStore::read(std::string_view key, std::uint64_t offset,
                                      std::span<char> target, const Deadline& deadline) {
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  LIVEDATA_TRY(const auto file, open(key));
  if (offset >= file->size()) return std::size_t{0};
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(target.size(), file->size() - offset));
  LIVEDATA_RETURN_IF_ERROR(file->read_at(offset, target.first(size)));
  return size;
}

Result<ObjectStore::Object> FolderStore::stat(std::string_view key, const Deadline& deadline) {
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  LIVEDATA_TRY(const auto file, open(key));
  return Object{std::string(key), file->size()};
}

Result<std::vector<ObjectStore::Object>> FolderStore::list(std::string_view prefix,
                                                           const Deadline& deadline) {
  LIVEDATA_RETURN_IF_ERROR(check_prefix(prefix));
  const std::size_t slash = prefix.rfind('/');
  std::vector<Object> objects;
  LIVEDATA_RETURN_IF_ERROR(
      add_objects(std::string(prefix.substr(0, slash == std::string_view::npos ? 0 : slash)),
                  prefix, deadline, objects));
  std::sort(objects.begin(), objects.end(),
            [](const Object& a, const Object& b) { return a.key < b.key; });
  return objects;
}

/// Of the object with the key, or of all below it if it is a folder. A key is at most
/// kMaxKeyBytes long, and so is the recursion bounded.
Result<void> FolderStore::add_objects(  // NOLINT(misc-no-recursion)
    const std::string& key, std::string_view prefix, const Deadline& deadline,
    std::vector<Object>& objects) {
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  const auto names = files_.list(key.empty() ? root_ : root_ / key);
  if (!names) {  // no folder
    if (key.empty()) {
      if (names.error().code == ErrorCode::kNotFound) return {};
      return fail(names.error());
    }
    auto object = stat(key, deadline);
    // Removed meanwhile, or never there.
    if (!object && object.error().code == ErrorCode::kNotFound) return {};
    if (!object) return fail(std::move(object).error());
    if (key.starts_with(prefix)) objects.push_back(*std::move(object));
    return {};
  }
  for (const std::string& name : *names) {
    if (!is_key_part(name)) continue;
    const std::string below = key.empty() ? name : fmt::format("{}/{}", key, name);
    const bool may_match = below.starts_with(prefix) || prefix.starts_with(below + "/");
    if (!may_match || below.size() > kMaxKeyBytes) continue;
    LIVEDATA_RETURN_IF_ERROR(add_objects(below, prefix, deadline, objects));
  }
  return {};
}

Result<void> FolderStore::remove(std::string_view key, const Deadline& deadline) {
  LIVEDATA_RETURN_IF_ERROR(check_key(key));
  LIVEDATA_RETURN_IF_ERROR(deadline.check());
  const auto opened = open(key);
  if (!opened && opened.error().code == ErrorCode::kNotFound) return {};
  LIVEDATA_RETURN_IF_ERROR(begin_writing());
  auto removed = files_.remove(root_ / key);
  if (!removed && removed.error().code != ErrorCode::kNotFound) return removed;
  return files_.sync_folder((root_ / key).parent_path());
}

}  // namespace livedata::archive
