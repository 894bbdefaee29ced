#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/object_store/object_store.h"
#include "archive/object_store/piece_folder.h"
#include "base/file_system.h"
#include "base/mutex.h"

namespace livedata::archive {

/// Another store, of which what read() has read is kept in a local folder, in pieces of 1 MiB. It
/// holds that an object does not change: what is put or removed here is forgotten, what another
/// process replaces is not noticed. get(), stat() and list() always ask. The folder is opened by
/// the first read; where that fails, or another process has it, nothing is kept. Thread-safe.
class CachedStore final : public ObjectStore {
 public:
  struct Options {
    Path folder;
    std::uint64_t max_bytes = std::uint64_t{1} << 30U;
  };
  struct Counts {
    std::uint64_t hits = 0;        ///< pieces that were there
    std::uint64_t misses = 0;      ///< and that were not
    std::uint64_t damaged = 0;     ///< dropped, and read again
    std::uint64_t not_stored = 0;  ///< could not be written
    std::uint64_t bytes = 0;       ///< in the folder
    std::string error;             ///< why nothing is kept; "": it is
  };

  /// `files` outlives it.
  CachedStore(std::unique_ptr<ObjectStore> store, FileSystem& files, Options options);

  Result<void> put_file(std::string_view key, const Path& file, const Deadline& deadline) override;
  Result<void> put(std::string_view key, std::string_view bytes, const Deadline& deadline) override;
  Result<std::string> get(std::string_view key, std::size_t max_bytes,
                          const Deadline& deadline) override;
  Result<std::size_t> read(std::string_view key, std::uint64_t offset, std::span<char> target,
                           const Deadline& deadline) override;
  Result<Object> stat(std::string_view key, const Deadline& deadline) override;
  Result<std::vector<Object>> list(std::string_view prefix, const Deadline& deadline) override;
  Result<void> remove(std::string_view key, const Deadline& deadline) override;

  [[nodiscard]] Counts counts() const LIVEDATA_EXCLUDES(mutex_);

 private:
  /// Null: nothing is kept.
  PieceFolder* folder() LIVEDATA_EXCLUDES(mutex_);
  void forget(std::string_view key);
  std::optional<std::string> find(PieceFolder& folder, std::string_view key, std::uint64_t number);
  Result<std::string> fetch(PieceFolder& folder, std::string_view key, std::uint64_t first,
                            std::uint64_t num_pieces, const Deadline& deadline);

  const std::unique_ptr<ObjectStore> store_;
  FileSystem& files_;
  const Options options_;
  std::atomic<std::uint64_t> hits_ = 0;
  std::atomic<std::uint64_t> misses_ = 0;
  std::atomic<std::uint64_t> damaged_ = 0;
  std::atomic<std::uint64_t> not_stored_ = 0;
  /// Counts what was put and removed: what was read before is not kept after.
  std::atomic<std::uint64_t> num_changes_ = 0;
  mutable Mutex mutex_;
  bool is_tried_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::unique_ptr<PieceFolder> folder_ LIVEDATA_GUARDED_BY(mutex_);
  std::string error_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::archive
