#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/object_store/object_store.h"
#include "base/file_system.h"
#include "base/mutex.h"

namespace livedata::archive {

/// Objects as files of a local folder: the key is the path below it. What is being written is in
/// `.unfinished` there, and is renamed when it is on the disk; what a crash leaves in it goes with
/// the next process that writes. One process writes at a time (a lock, taken with the first put or
/// remove: kAlreadyExists names the other one), any number read. The folder is made with the first
/// put; before, there are no objects. Thread-safe.
///
/// A folder that another object's key needs can't be an object's key: `a` and `a/b` exclude each
/// other, which S3 would allow.
class FolderStore final : public ObjectStore {
 public:
  /// `files` outlives the store.
  FolderStore(FileSystem& files, Path root);

  Result<void> put_file(std::string_view key, const Path& file, const Deadline& deadline) override;
  Result<void> put(std::string_view key, std::string_view bytes, const Deadline& deadline) override;
  Result<std::string> get(std::string_view key, std::size_t max_bytes,
                          const Deadline& deadline) override;
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<char> target,
                           const Deadline& deadline) override;
  Result<Object> stat(std::string_view key, const Deadline& deadline) override;
  Result<std::vector<Object>> list(std::string_view prefix, const Deadline& deadline) override;
  Result<void> remove(std::string_view key, const Deadline& deadline) override;

 private:
  /// Of the two things that are put: a file, or bytes.
  class Source;

  Result<void> begin_writing() LIVEDATA_EXCLUDES(mutex_);
  Result<void> write(std::string_view key, const Source& source, const Deadline& deadline);
  Result<void> publish(const Path& finished, std::string_view key);
  Result<std::unique_ptr<ReadableFile>> open(std::string_view key);
  Result<void> add_objects(const std::string& key, std::string_view prefix,
                           const Deadline& deadline, std::vector<Object>& objects);

  FileSystem& files_;
  const Path root_;
  Mutex mutex_;
  std::unique_ptr<FileLock> lock_ LIVEDATA_GUARDED_BY(mutex_);  // null: not written yet
  std::uint64_t num_written_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata::archive
