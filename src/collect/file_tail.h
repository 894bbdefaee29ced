#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_system.h"

namespace livedata::collect {

/// How far a file has been read. A rotated or replaced file is told by its inode and first bytes.
struct FilePosition {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;
  std::uint64_t fingerprint = 0;        ///< hash of the first bytes
  std::uint64_t fingerprint_bytes = 0;  ///< how many they were
};

/// Follows one growing text file over rotation by renaming and by truncation. Not thread-safe.
class FileTail {
 public:
  /// Without a saved position, at most the last `max_backlog` bytes of what is there are read.
  FileTail(Path path, std::optional<FilePosition> saved, std::uint64_t max_backlog);
  ~FileTail();
  FileTail(const FileTail&) = delete;
  FileTail& operator=(const FileTail&) = delete;

  enum class Outcome { kRead, kNothing, kNoPermission };
  /// Visits the lines that were completed since the last commit(), without their ends; at most
  /// `max_bytes` of them. A line longer than `max_line` is cut there, and goes on as another line.
  Outcome read(std::size_t max_bytes, std::size_t max_line,
               const std::function<void(std::string_view)>& visit);
  /// The lines that were read are safe elsewhere; without it the next read() gives them again.
  void commit() { committed_ = reading_; }
  /// The same for the lines before an offset; those from there on are given again.
  void commit_until(std::uint64_t offset) { committed_ = std::min(offset, reading_); }

  /// Offset of the line that is being visited.
  [[nodiscard]] std::uint64_t line_offset() const { return line_offset_; }
  /// Offset behind the last line that was visited.
  [[nodiscard]] std::uint64_t end_offset() const { return reading_; }

  [[nodiscard]] FilePosition position() const;
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  bool open();
  void close();
  [[nodiscard]] bool is_saved_file(const FilePosition& saved) const;
  [[nodiscard]] std::uint64_t fingerprint(std::uint64_t bytes) const;
  /// Goes over to the file that now has the name, once the old one is read to its end.
  void follow_rotation();

  Path path_;
  std::optional<FilePosition> saved_;
  std::uint64_t max_backlog_;
  int fd_ = -1;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  std::uint64_t committed_ = 0;
  std::uint64_t reading_ = 0;
  std::uint64_t line_offset_ = 0;
  std::uint64_t seen_size_ = 0;        // the file's, at the last read
  bool drained_ = false;               // the last read found no whole line
  bool ends_without_newline_ = false;  // the file was rotated away; what is left is its last line
};

}  // namespace livedata::collect
