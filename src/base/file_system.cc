#include "base/file_system.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace livedata {
namespace {

constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;

/// The error of a system call that just failed, by errno.
tl::unexpected<Error> fail_errno(std::string_view what, const Path& path) {
  const int number = errno;
  const std::string reason = std::system_category().message(number);
  switch (number) {
    case ENOENT:
      return fail(ErrorCode::kNotFound, "{} {}: {}", what, path.string(), reason);
    case ENOSPC:
    case EDQUOT:
      return fail(ErrorCode::kUnavailable, "{} {}: {}; free some space on this disk", what,
                  path.string(), reason);
    case EACCES:
    case EPERM:
    case EROFS:
      return fail(ErrorCode::kPermissionDenied, "{} {}: {}", what, path.string(), reason);
    default:
      return fail(ErrorCode::kIoError, "{} {}: {}", what, path.string(), reason);
  }
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(Descriptor fd, Path path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<void> append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno("write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(fd_.get()) != 0) return fail_errno("sync", path_);
    return {};
  }

 private:
  Descriptor fd_;
  Path path_;
};

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(Descriptor fd, Path path, std::uint64_t size)
      : fd_(std::move(fd)), path_(std::move(path)), size_(size) {}

  Result<void> read_at(std::uint64_t offset, std::span<char> out) const override {
    while (!out.empty()) {
      const ssize_t n = ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno("read", path_);
      if (n == 0)
        return fail(ErrorCode::kCorrupt, "{} ends before byte {}", path_.string(),
                    offset + out.size());
      out = out.subspan(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
    }
    return {};
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  Descriptor fd_;
  Path path_;
  std::uint64_t size_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;
};

Result<Descriptor> open_descriptor(const Path& path, int flags) {
  Descriptor fd(::open(path.c_str(), flags | O_CLOEXEC, kFileMode));
  if (fd.get() < 0) return fail_errno("open", path);
  return fd;
}

}  // namespace

Result<std::unique_ptr<WritableFile>> PosixFileSystem::create(const Path& path) {
  LIVEDATA_TRY(Descriptor fd, open_descriptor(path, O_WRONLY | O_CREAT | O_TRUNC));
  return std::make_unique<PosixWritableFile>(std::move(fd), path);
}

Result<std::unique_ptr<WritableFile>> PosixFileSystem::open_append(const Path& path) {
  LIVEDATA_TRY(Descriptor fd, open_descriptor(path, O_WRONLY | O_CREAT | O_APPEND));
  return std::make_unique<PosixWritableFile>(std::move(fd), path);
}

Result<std::unique_ptr<ReadableFile>> PosixFileSystem::open(const Path& path) {
  LIVEDATA_TRY(Descriptor fd, open_descriptor(path, O_RDONLY));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno("stat", path);
  return std::make_unique<PosixReadableFile>(std::move(fd), path,
                                             static_cast<std::uint64_t>(status.st_size));
}

Result<std::string> PosixFileSystem::read_all(const Path& path) {
  LIVEDATA_TRY(const auto file, open(path));
  std::string content(file->size(), '\0');
  LIVEDATA_RETURN_IF_ERROR(file->read_at(0, content));
  return content;
}

Result<std::vector<std::string>> PosixFileSystem::list(const Path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  if (error) {
    errno = error.value();
    return fail_errno("list", folder);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<bool> PosixFileSystem::exists(const Path& path) {
  std::error_code error;
  const bool found = std::filesystem::exists(path, error);
  if (error) {
    errno = error.value();
    return fail_errno("stat", path);
  }
  return found;
}

Result<void> PosixFileSystem::create_folders(const Path& folder) {
  Path so_far;
  for (const Path& part : folder) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), kFolderMode) == 0 || errno == EEXIST || errno == EISDIR) continue;
    std::error_code ignored;  // an existing parent may refuse mkdir for another reason, such as a
                              // read-only root
    if (std::filesystem::is_directory(so_far, ignored)) continue;
    return fail_errno("create folder", so_far);
  }
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return fail(ErrorCode::kInvalidArgument, "{} exists and is not a folder", folder.string());
  }
  return {};
}

Result<void> PosixFileSystem::rename(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno("rename", from);
  return {};
}

Result<void> PosixFileSystem::remove(const Path& path) {
  if (::unlink(path.c_str()) != 0) return fail_errno("remove", path);
  return {};
}

Result<void> PosixFileSystem::truncate(const Path& path, std::uint64_t size) {
  if (::truncate(path.c_str(), static_cast<off_t>(size)) != 0) return fail_errno("truncate", path);
  return {};
}

Result<void> PosixFileSystem::sync_folder(const Path& folder) {
  LIVEDATA_TRY(const Descriptor fd, open_descriptor(folder, O_RDONLY | O_DIRECTORY));
  if (::fsync(fd.get()) != 0) return fail_errno("sync", folder);
  return {};
}

Result<std::unique_ptr<FileLock>> PosixFileSystem::lock(const Path& path) {
  LIVEDATA_TRY(Descriptor fd, open_descriptor(path, O_RDWR | O_CREAT));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail_errno("lock", path);
    std::string holder(32, '\0');
    const ssize_t n = ::pread(fd.get(), holder.data(), holder.size(), 0);
    holder.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return fail(ErrorCode::kAlreadyExists, "{} is locked by process {}", path.string(),
                holder.empty() ? "?" : holder);
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0) {
    return fail_errno("write", path);
  }
  return std::make_unique<PosixFileLock>(std::move(fd));
}

Result<DiskSpace> PosixFileSystem::disk_space(const Path& folder) {
  struct statvfs status{};
  if (::statvfs(folder.c_str(), &status) != 0) return fail_errno("statvfs", folder);
  const auto block = static_cast<std::uint64_t>(status.f_frsize);
  // Blocks that are kept for root count as used, as df counts them.
  const std::uint64_t reserved = status.f_bfree - status.f_bavail;
  return DiskSpace{(status.f_blocks - reserved) * block, status.f_bavail * block};
}

Result<void> write_atomically(FileSystem& files, const Path& path, std::string_view content) {
  const Path temporary = path.string() + ".tmp";
  LIVEDATA_TRY(const auto file, files.create(temporary));
  LIVEDATA_RETURN_IF_ERROR(file->append(content));
  LIVEDATA_RETURN_IF_ERROR(file->sync());
  LIVEDATA_RETURN_IF_ERROR(files.rename(temporary, path));
  return files.sync_folder(path.parent_path());
}

}  // namespace livedata
