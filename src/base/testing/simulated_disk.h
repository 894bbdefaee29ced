#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/mutex.h"

namespace livedata {

/// A disk in memory that can lose power, run full and fail. It remembers what a real one would have
/// after a crash: of each file what was synced and any part of the rest, of each folder what was
/// synced and any first part of the later changes. Files are only appended to, truncated and
/// replaced, as FileSystem allows no more. Thread-safe.
class SimulatedDisk {
 public:
  enum class Operation { kAppend, kSync, kCreate, kRename, kRemove, kRead, kSyncFolder };

  explicit SimulatedDisk(std::uint64_t seed);
  ~SimulatedDisk();

  /// The file system of the running machine; after a crash all its calls fail.
  [[nodiscard]] std::shared_ptr<FileSystem> mount();
  /// Power is lost: what was not synced is gone or torn at random. Locks are released.
  void crash();

  /// The `after`-th next operation of this kind fails with the code, once. A failing append may
  /// write a part; a failing sync leaves it open what is on the disk.
  void fail_once(Operation operation, ErrorCode code, std::size_t after = 0);
  void forget_failures();
  /// Bytes of all files together; appends beyond fail with kUnavailable. 0: no bound.
  void set_capacity(std::uint64_t bytes);
  /// Flips one bit of a file.
  void damage(const Path& path, std::uint64_t offset);
  [[nodiscard]] std::vector<Path> files() const;
  [[nodiscard]] std::uint64_t used_bytes() const;

 private:
  class MountedFileSystem;
  class SimulatedWritableFile;
  class SimulatedReadableFile;
  class SimulatedLock;

  struct Inode {
    std::string content;
    std::string durable;  // what is certain to be there after a crash
  };
  using Names = std::map<Path, std::shared_ptr<Inode>>;
  /// A change of one folder that is not synced yet.
  struct Change {
    Path folder;
    std::function<void(Names&)> apply;
  };

  Result<void> check(std::uint64_t epoch, Operation operation) LIVEDATA_REQUIRES(mutex_);
  void change(const Path& folder, const std::function<void(Names&)>& apply)
      LIVEDATA_REQUIRES(mutex_);
  [[nodiscard]] std::uint64_t used_locked() const LIVEDATA_REQUIRES(mutex_);
  std::uint64_t below(std::uint64_t n) LIVEDATA_REQUIRES(mutex_) { return random_() % n; }

  struct Failure {
    Operation operation;
    ErrorCode code;
    std::size_t after;
  };

  mutable Mutex mutex_;
  std::mt19937_64 random_ LIVEDATA_GUARDED_BY(mutex_);
  std::uint64_t epoch_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  Names names_ LIVEDATA_GUARDED_BY(mutex_);          // as programs see them
  Names durable_names_ LIVEDATA_GUARDED_BY(mutex_);  // as a crash leaves them at least
  std::vector<Change> unsynced_ LIVEDATA_GUARDED_BY(mutex_);
  std::set<Path> folders_ LIVEDATA_GUARDED_BY(mutex_);
  std::set<Path> locks_ LIVEDATA_GUARDED_BY(mutex_);
  std::vector<Failure> failures_ LIVEDATA_GUARDED_BY(mutex_);
  std::uint64_t capacity_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata
