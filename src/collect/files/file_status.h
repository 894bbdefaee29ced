#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/file_system.h"

namespace livedata::collect {

/// Which file it is, whatever its name. An inode number is given again after its file is deleted;
/// the time of birth tells, where the file system knows it.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born = 0;  ///< nanoseconds since 1970; 0: unknown

  [[nodiscard]] bool same_as(const FileId& other) const {
    return device == other.device && inode == other.inode &&
           (born == other.born || born == 0 || other.born == 0);
  }
};

enum class FileKind : std::uint8_t { kRegular, kFolder, kOther };

struct FileStatus {
  FileId id;
  FileKind kind = FileKind::kOther;
  std::uint64_t size = 0;
  TimestampNs modified = 0;
  std::uint32_t links = 0;
};

/// A file descriptor that is closed at the end.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  ~FileHandle();
  FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// A regular file, for reading; kPermissionDenied, kNotFound or kIoError.
Result<FileHandle> open_file(const Path& path);
FileHandle open_folder(const Path& path);

std::optional<FileStatus> status_of(const FileHandle& file);
/// Of a name in a folder. Symbolic links are followed.
std::optional<FileStatus> status_at(const FileHandle& folder, const std::string& name);
std::optional<FileStatus> status_of_path(const std::string& path);

/// As many bytes as there are from the offset, at most out.size(); nothing for a failing disk.
std::optional<std::size_t> read_at(const FileHandle& file, std::uint64_t offset,
                                   std::span<char> out);

}  // namespace livedata::collect
