#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "model/bookmark.h"
#include "model/record_batch.h"
#include "storage/record_log/record_log_writer.h"

namespace livedata::storage {

/// A tenant's write-ahead log: record logs in one folder, named by rising numbers, each record one
/// entry. Not thread-safe; the committing thread owns it.
class Wal {
 public:
  /// What one append stores at once. As bytes:
  ///
  ///   version:u8=2  bookmarks:varint (key:string value:string)*  batch (columns/batch_codec.h)
  struct Entry {
    RecordBatch batch;  ///< may be empty
    Bookmarks bookmarks;
  };
  using Visitor = std::function<void(std::uint64_t file, Entry)>;

  /// What reading the files of a WAL found.
  struct Replay {
    std::uint64_t batches = 0;
    std::uint64_t rows = 0;
    std::uint64_t torn_bytes = 0;
    std::uint64_t damaged_regions = 0;
    std::uint64_t damaged_bytes = 0;
    std::uint64_t next_file = 1;  ///< larger than any file's number
    std::vector<Path>
        unreadable;  ///< files whose very header is damaged; nothing of them was visited
  };

  /// Visits every entry in the files from number `start` on, entries of one file in order; files at
  /// the same time, on the pool's threads and the calling one. Changes nothing: a torn tail stays
  /// where it is, since a new start writes into a new file.
  static Result<Replay> replay(FileSystem& files, const Path& folder, std::uint64_t start,
                               ThreadPool& pool, const Visitor& visit);

  /// Starts a new file with this number.
  static Result<Wal> create(FileSystem& files, const Path& folder, std::uint64_t number);

  /// An entry as one framed record, for write(). Static, so that appenders encode in parallel.
  static std::string encode(const RecordBatch& batch, const Bookmarks& bookmarks = {});

  Result<void> write(std::string_view records) { return log_.write(records); }
  Result<void> sync() { return log_.sync(); }
  /// Goes on in a new file, whose number is one higher. What was written is synced first.
  Result<void> rotate();
  /// Goes on in a new file after the current one failed. What was not synced in it counts as lost.
  Result<void> abandon_file();
  /// Removes files with numbers below `start`.
  static Result<void> remove_before(FileSystem& files, const Path& folder, std::uint64_t start);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] std::uint64_t file_bytes() const { return log_.size(); }
  [[nodiscard]] bool is_poisoned() const { return log_.is_poisoned(); }

 private:
  static Result<Replay> replay_file(FileSystem& files, const Path& path, std::uint64_t number,
                                    const Visitor& visit);

  Wal(FileSystem& files, Path folder, std::uint64_t number, record_log::RecordLogWriter log)
      : files_(&files), folder_(std::move(folder)), number_(number), log_(std::move(log)) {}

  FileSystem* files_;
  Path folder_;
  std::uint64_t number_;
  record_log::RecordLogWriter log_;
};

}  // namespace livedata::storage
