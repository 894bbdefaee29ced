#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/file_system.h"
#include "base/mutex.h"
#include "base/result.h"
#include "storage/record_log/record_log_writer.h"

namespace livedata::storage {

/// Bounds of a queue, and where it goes on when memory is full.
struct OverflowOptions {
  Path folder;  ///< of this queue alone
  std::size_t memory_bytes = 16_MiB;
  std::uint64_t disk_bytes = 1024_MiB;  ///< 0: memory only
  std::uint64_t file_bytes = 8_MiB;     ///< one file is read into memory at once
  /// No file is begun with less free space than this, so that the queue does not take the space
  /// that the store needs to empty it.
  std::uint64_t min_free_bytes = 256_MiB;
};

/// A queue for what arrives without asking, such as datagrams: in memory as long as there is room,
/// then in files (record logs), then refused. Items come out in the order they went in.
///
/// Items on disk survive the end of the process; they are not synced one by one, since nobody was
/// told that they are safe. Each carries its position, which its reader stores as a bookmark with
/// the records made of it, so that after a restart none is taken twice. Items in memory are lost
/// with the process.
///
/// Thread-safe, for many writers and one reader.
class OverflowQueue {
 public:
  /// `position` is that of the last item that was taken and stored; files of earlier ones go.
  static Result<std::unique_ptr<OverflowQueue>> open(FileSystem& files, OverflowOptions options,
                                                     std::string_view position);
  /// One that never goes to disk.
  static std::unique_ptr<OverflowQueue> in_memory(std::size_t memory_bytes);

  enum class Outcome { kInMemory, kOnDisk, kRefused };
  /// Refused when memory and disk are full, or the disk fails; then the item stays the caller's.
  Outcome push(std::string&& item) LIVEDATA_EXCLUDES(mutex_);
  /// The same, but never to memory: for what must survive the end of the process.
  Outcome push_to_disk(std::string_view item) LIVEDATA_EXCLUDES(mutex_);

  struct Item {
    std::string bytes;
    std::string position;  ///< empty for an item that was in memory only
  };
  /// The oldest item; none when nothing comes in time, or the queue is closed and empty of what is
  /// in memory.
  std::optional<Item> pop(std::chrono::nanoseconds wait) LIVEDATA_EXCLUDES(mutex_);
  /// What was popped so far is stored: its files may go.
  void stored() LIVEDATA_EXCLUDES(mutex_);
  /// Ends waiting. What is on disk stays for the next start.
  void close() LIVEDATA_EXCLUDES(mutex_);
  /// Whether pop() has nothing to give now.
  [[nodiscard]] bool empty() const LIVEDATA_EXCLUDES(mutex_);

  struct Status {
    std::size_t memory_bytes = 0;
    std::uint64_t disk_bytes = 0;
    std::uint64_t unreadable_bytes = 0;  ///< damaged in files, and left out
  };
  [[nodiscard]] Status status() const LIVEDATA_EXCLUDES(mutex_);

 private:
  struct File {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::uint64_t skipped = 0;  // items at its start that were taken before the restart
  };

  OverflowQueue(FileSystem* files, OverflowOptions options)
      : files_(files), options_(std::move(options)) {}

  Result<void> find_files(std::string_view position);
  [[nodiscard]] Path path_of(std::uint64_t number) const;
  Result<void> begin_file() LIVEDATA_REQUIRES(mutex_);
  Result<void> write(std::string_view item) LIVEDATA_REQUIRES(mutex_);
  Outcome push_to_disk_locked(std::string_view item) LIVEDATA_REQUIRES(mutex_);
  void load_oldest_file() LIVEDATA_EXCLUDES(mutex_);

  FileSystem* const files_;  // null: memory only
  const OverflowOptions options_;
  mutable Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> items_ LIVEDATA_GUARDED_BY(mutex_);  // in memory, oldest first
  std::size_t memory_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::deque<File> on_disk_ LIVEDATA_GUARDED_BY(mutex_);  // newer than all in memory
  std::deque<File> loaded_ LIVEDATA_GUARDED_BY(mutex_);   // whose items are in memory or popped
  std::optional<record_log::RecordLogWriter> writer_
      LIVEDATA_GUARDED_BY(mutex_);  // of the last file on disk
  std::uint64_t disk_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::uint64_t unreadable_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::uint64_t next_number_ LIVEDATA_GUARDED_BY(mutex_) = 1;
  bool closed_ LIVEDATA_GUARDED_BY(mutex_) = false;
};

}  // namespace livedata::storage
