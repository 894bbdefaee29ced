#include "collect/files/file_status.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace livedata::collect {
namespace {

std::optional<FileStatus> read_status(int fd, const char* name, int flags) {
  struct statx found{};
  if (::statx(fd, name, flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return std::nullopt;
  const auto nanoseconds = [](const struct statx_timestamp& time) {
    return time.tv_sec * kNsPerSecond + time.tv_nsec;
  };
  FileStatus status;
  status.id.device = ::gnu_dev_makedev(found.stx_dev_major, found.stx_dev_minor);
  status.id.inode = found.stx_ino;
  if ((found.stx_mask & STATX_BTIME) != 0) status.id.born = nanoseconds(found.stx_btime);
  if (S_ISREG(found.stx_mode)) status.kind = FileKind::kRegular;
  if (S_ISDIR(found.stx_mode)) status.kind = FileKind::kFolder;
  status.size = found.stx_size;
  status.modified = nanoseconds(found.stx_mtime);
  status.links = found.stx_nlink;
  return status;
}

}  // namespace

FileHandle::~FileHandle() {
  if (fd_ >= 0) ::close(fd_);
}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Result<FileHandle> open_file(const Path& path) {
  // Without O_NONBLOCK a FIFO that took the name would hold us up.
  FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file) return file;
  const int error = errno;
  const ErrorCode code = error == EACCES || error == EPERM ? ErrorCode::kPermissionDenied
                         : error == ENOENT                 ? ErrorCode::kNotFound
                                                           : ErrorCode::kIoError;
  return fail(code, "{}: {}", path.string(), std::generic_category().message(error));
}

FileHandle open_folder(const Path& path) {
  return FileHandle(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::optional<FileStatus> status_of(const FileHandle& file) {
  return read_status(file.get(), "", AT_EMPTY_PATH);
}

std::optional<FileStatus> status_at(const FileHandle& folder, const std::string& name) {
  return read_status(folder.get(), name.c_str(), 0);
}

std::optional<FileStatus> status_of_path(const std::string& path) {
  return read_status(AT_FDCWD, path.c_str(), 0);
}

std::optional<std::size_t> read_at(const FileHandle& file, std::uint64_t offset,
                                   std::span<char> out) {
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t n =
        ::pread(file.get(), out.data() + got, out.size() - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

}  // namespace livedata::collect
