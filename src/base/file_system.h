#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace livedata {

using Path = std::filesystem::path;

/// A file that only grows. Not thread-safe.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  /// Writes all bytes or fails; after a failure the file's end is unknown.
  virtual Result<void> append(std::string_view bytes) = 0;
  /// On return the appended bytes survive power loss (fdatasync). A failure means that they may be
  /// lost, and that no later call can tell: the file must not be written on.
  virtual Result<void> sync() = 0;
};

/// Positional reads of a file that is not written any more. Thread-safe.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  /// Fills `out` from `offset`; fewer bytes than asked for are an error (kCorrupt).
  virtual Result<void> read_at(std::uint64_t offset, std::span<char> out) const = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};

/// Holds a lock on a file until destroyed.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

/// Of the file system that a folder is on.
struct DiskSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< that an unprivileged process can still write
};

/// The file system, as far as storage needs it. Two implementations: PosixFileSystem, and in tests
/// FaultyFileSystem, which fails chosen calls. New files are 0640 and new folders 0750.
/// Thread-safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// A new, empty file; an existing one is truncated.
  virtual Result<std::unique_ptr<WritableFile>> create(const Path& path) = 0;
  /// An existing or new file, written on at its end.
  virtual Result<std::unique_ptr<WritableFile>> open_append(const Path& path) = 0;
  virtual Result<std::unique_ptr<ReadableFile>> open(const Path& path) = 0;
  virtual Result<std::string> read_all(const Path& path) = 0;
  /// File names (not paths) in a folder, sorted; an absent folder is kNotFound.
  virtual Result<std::vector<std::string>> list(const Path& folder) = 0;
  virtual Result<bool> exists(const Path& path) = 0;
  virtual Result<void> create_folders(const Path& folder) = 0;
  /// Replaces `to` atomically.
  virtual Result<void> rename(const Path& from, const Path& to) = 0;
  virtual Result<void> remove(const Path& path) = 0;
  virtual Result<void> truncate(const Path& path, std::uint64_t size) = 0;
  /// Makes creations, renames and removals inside the folder survive power loss.
  virtual Result<void> sync_folder(const Path& folder) = 0;
  /// An exclusive lock held until the handle is destroyed or the process ends; kAlreadyExists names
  /// the holder's pid when another process has it.
  virtual Result<std::unique_ptr<FileLock>> lock(const Path& path) = 0;
  virtual Result<DiskSpace> disk_space(const Path& folder) = 0;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<WritableFile>> create(const Path& path) override;
  Result<std::unique_ptr<WritableFile>> open_append(const Path& path) override;
  Result<std::unique_ptr<ReadableFile>> open(const Path& path) override;
  Result<std::string> read_all(const Path& path) override;
  Result<std::vector<std::string>> list(const Path& folder) override;
  Result<bool> exists(const Path& path) override;
  Result<void> create_folders(const Path& folder) override;
  Result<void> rename(const Path& from, const Path& to) override;
  Result<void> remove(const Path& path) override;
  Result<void> truncate(const Path& path, std::uint64_t size) override;
  Result<void> sync_folder(const Path& folder) override;
  Result<std::unique_ptr<FileLock>> lock(const Path& path) override;
  Result<DiskSpace> disk_space(const Path& folder) override;
};

/// Writes a file so that after a crash either the old or the whole new content is there: temporary
/// file, fsync, rename, fsync of the folder.
Result<void> write_atomically(FileSystem& files, const Path& path, std::string_view content);

}  // namespace livedata
