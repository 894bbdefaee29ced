#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/mutex.h"

namespace livedata::archive {

/// Files of pieces in a local folder, of at most so many bytes together: those used last. The order
/// is written down now and then, and at the end, so that it survives a restart; after a crash
/// pieces that it does not name go first. One process uses the folder. Where a file can't be
/// written, nothing is kept. Thread-safe.
class PieceFolder {
 public:
  /// Takes what an earlier process left. kAlreadyExists where another one uses it. `files` outlives
  /// it.
  static Result<std::unique_ptr<PieceFolder>> open(FileSystem& files, const Path& folder,
                                                   std::uint64_t max_bytes);
  ~PieceFolder();
  PieceFolder(const PieceFolder&) = delete;
  PieceFolder& operator=(const PieceFolder&) = delete;

  /// The file's content, if it is there.
  std::optional<std::string> find(const std::string& name) LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] bool contains(const std::string& name) const LIVEDATA_EXCLUDES(mutex_);
  /// False: it could not be written.
  bool insert(const std::string& name, std::string_view content) LIVEDATA_EXCLUDES(mutex_);
  void remove(const std::string& name) LIVEDATA_EXCLUDES(mutex_);
  /// Of all names that begin so.
  void remove_all(const std::string& prefix) LIVEDATA_EXCLUDES(mutex_);

  [[nodiscard]] std::uint64_t size_bytes() const LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t num_pieces() const LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Piece {
    std::string name;
    std::uint64_t bytes = 0;
  };
  using Pieces = std::list<Piece>;
  using Index = std::map<std::string, Pieces::iterator>;

  PieceFolder(FileSystem& files, Path folder, std::uint64_t max_bytes,
              std::unique_ptr<FileLock> lock);

  Result<void> load() LIVEDATA_EXCLUDES(mutex_);
  void add(const std::string& name, std::uint64_t bytes) LIVEDATA_REQUIRES(mutex_);
  Index::iterator erase(Index::iterator at) LIVEDATA_REQUIRES(mutex_);
  void make_room(std::uint64_t bytes) LIVEDATA_REQUIRES(mutex_);
  void write_order() LIVEDATA_REQUIRES(mutex_);

  FileSystem& files_;
  const Path folder_;
  const Path pieces_folder_;
  const std::uint64_t max_bytes_;
  const std::unique_ptr<FileLock> lock_;
  mutable Mutex mutex_;
  Pieces pieces_ LIVEDATA_GUARDED_BY(mutex_);  // the one used last in front
  Index by_name_ LIVEDATA_GUARDED_BY(mutex_);
  std::uint64_t size_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::size_t num_changes_ LIVEDATA_GUARDED_BY(mutex_) = 0;  // since the order was written
};

}  // namespace livedata::archive
