#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_system.h"

namespace livedata::storage::record_log {

/// Appends the record around `payload` to `out`, so that many records become one write.
void append_record(std::string_view payload, std::string& out);

/// Writes a record log. Not thread-safe.
class RecordLogWriter {
 public:
  /// A new, empty log, durable with its folder entry.
  static Result<RecordLogWriter> create(FileSystem& files, const Path& path);
  /// An existing log of `size` good bytes; whatever follows them must have been truncated.
  static Result<RecordLogWriter> open(FileSystem& files, const Path& path, std::uint64_t size);

  /// Writes bytes made by append_record(). When the write fails, the file is cut back to its old
  /// end, so that a later attempt starts clean; when that fails too, is_poisoned() and all later
  /// calls fail.
  Result<void> write(std::string_view records);
  /// A failed sync poisons the log: nobody can tell what is on disk.
  Result<void> sync();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool is_poisoned() const { return poisoned_; }
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  RecordLogWriter(FileSystem& files, Path path, std::unique_ptr<WritableFile> file,
                  std::uint64_t size)
      : files_(&files), path_(std::move(path)), file_(std::move(file)), size_(size) {}

  FileSystem* files_;
  Path path_;
  std::unique_ptr<WritableFile> file_;
  std::uint64_t size_;
  bool poisoned_ = false;
};

}  // namespace livedata::storage::record_log
