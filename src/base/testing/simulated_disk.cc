#include "base/testing/simulated_disk.h"

#include <algorithm>
#include <cstring>

namespace livedata {
namespace {

constexpr std::uint64_t kUnboundedBytes = std::uint64_t{1} << 40U;

}  // namespace

class SimulatedDisk::SimulatedWritableFile final : public WritableFile {
 public:
  SimulatedWritableFile(SimulatedDisk& disk, std::uint64_t epoch, std::shared_ptr<Inode> inode)
      : disk_(disk), epoch_(epoch), inode_(std::move(inode)) {}

  Result<void> append(std::string_view bytes) override {
    const MutexLock lock(disk_.mutex_);
    if (auto checked = disk_.check(epoch_, Operation::kAppend); !checked) {
      if (epoch_ == disk_.epoch_) inode_->content += bytes.substr(0, disk_.below(bytes.size() + 1));
      return checked;
    }
    if (disk_.capacity_ != 0 && disk_.used_locked() + bytes.size() > disk_.capacity_) {
      inode_->content += bytes.substr(0, disk_.below(bytes.size() + 1));
      return fail(ErrorCode::kUnavailable, "the disk is full");
    }
    inode_->content += bytes;
    return {};
  }

  Result<void> sync() override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kSync));
    inode_->durable = inode_->content;
    return {};
  }

 private:
  SimulatedDisk& disk_;
  std::uint64_t epoch_;
  std::shared_ptr<Inode> inode_;
};

class SimulatedDisk::SimulatedReadableFile final : public ReadableFile {
 public:
  SimulatedReadableFile(SimulatedDisk& disk, std::uint64_t epoch, std::shared_ptr<Inode> inode)
      : disk_(disk), epoch_(epoch), inode_(std::move(inode)), size_(inode_->content.size()) {}

  Result<void> read_at(std::uint64_t offset, std::span<char> out) const override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kRead));
    if (offset > inode_->content.size() || out.size() > inode_->content.size() - offset)
      return fail(ErrorCode::kCorrupt, "the file ends before byte {}", offset + out.size());
    std::memcpy(out.data(), inode_->content.data() + offset, out.size());
    return {};
  }
  [[nodiscard]] std::uint64_t size() const override { return size_; }

 private:
  SimulatedDisk& disk_;
  std::uint64_t epoch_;
  std::shared_ptr<Inode> inode_;
  std::uint64_t size_;
};

class SimulatedDisk::SimulatedLock final : public FileLock {
 public:
  SimulatedLock(SimulatedDisk& disk, std::uint64_t epoch, Path path)
      : disk_(disk), epoch_(epoch), path_(std::move(path)) {}
  ~SimulatedLock() override {
    const MutexLock lock(disk_.mutex_);
    if (epoch_ == disk_.epoch_) disk_.locks_.erase(path_);
  }
  SimulatedLock(const SimulatedLock&) = delete;
  SimulatedLock& operator=(const SimulatedLock&) = delete;

 private:
  SimulatedDisk& disk_;
  std::uint64_t epoch_;
  Path path_;
};

class SimulatedDisk::MountedFileSystem final : public FileSystem {
 public:
  MountedFileSystem(SimulatedDisk& disk, std::uint64_t epoch) : disk_(disk), epoch_(epoch) {}

  Result<std::unique_ptr<WritableFile>> create(const Path& path) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kCreate));
    LIVEDATA_RETURN_IF_ERROR(need_folder(path.parent_path()));
    const auto inode = std::make_shared<Inode>();
    disk_.change(path.parent_path(), [path, inode](Names& names) { names[path] = inode; });
    return std::make_unique<SimulatedWritableFile>(disk_, epoch_, inode);
  }

  Result<std::unique_ptr<WritableFile>> open_append(const Path& path) override {
    {
      const MutexLock lock(disk_.mutex_);
      if (const auto found = disk_.names_.find(path); found != disk_.names_.end()) {
        LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kCreate));
        return std::make_unique<SimulatedWritableFile>(disk_, epoch_, found->second);
      }
    }
    return create(path);
  }

  Result<std::unique_ptr<ReadableFile>> open(const Path& path) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kRead));
    LIVEDATA_TRY(const auto inode, find(path));
    return std::make_unique<SimulatedReadableFile>(disk_, epoch_, inode);
  }

  Result<std::string> read_all(const Path& path) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kRead));
    LIVEDATA_TRY(const auto inode, find(path));
    return inode->content;
  }

  Result<std::vector<std::string>> list(const Path& folder) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kRead));
    LIVEDATA_RETURN_IF_ERROR(need_folder(folder));
    std::set<std::string> names;
    for (const auto& [path, inode] : disk_.names_) {
      if (path.parent_path() == folder) names.insert(path.filename().string());
    }
    for (const Path& path : disk_.folders_) {
      if (path.parent_path() == folder && path != folder) names.insert(path.filename().string());
    }
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<bool> exists(const Path& path) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kRead));
    return disk_.names_.contains(path) || disk_.folders_.contains(path);
  }

  Result<void> create_folders(const Path& folder) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kCreate));
    Path so_far;
    for (const Path& part : folder) disk_.folders_.insert(so_far /= part);
    return {};
  }

  Result<void> rename(const Path& from, const Path& to) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kRename));
    LIVEDATA_TRY(const auto inode, find(from));
    disk_.change(to.parent_path(), [from, to, inode](Names& names) {
      names.erase(from);
      names[to] = inode;
    });
    return {};
  }

  Result<void> remove(const Path& path) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kRemove));
    LIVEDATA_RETURN_IF_ERROR(find(path));
    disk_.change(path.parent_path(), [path](Names& names) { names.erase(path); });
    return {};
  }

  Result<void> truncate(const Path& path, std::uint64_t size) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kAppend));
    LIVEDATA_TRY(const auto inode, find(path));
    inode->content.resize(static_cast<std::size_t>(size));
    return {};
  }

  Result<void> sync_folder(const Path& folder) override {
    const MutexLock lock(disk_.mutex_);
    LIVEDATA_RETURN_IF_ERROR(disk_.check(epoch_, Operation::kSyncFolder));
    std::vector<Change> rest;
    for (Change& change : disk_.unsynced_) {
      if (change.folder == folder) {
        change.apply(disk_.durable_names_);
      } else {
        rest.push_back(std::move(change));
      }
    }
    disk_.unsynced_ = std::move(rest);
    return {};
  }

  Result<std::unique_ptr<FileLock>> lock(const Path& path) override {
    const MutexLock lock(disk_.mutex_);
    if (epoch_ != disk_.epoch_ || !disk_.locks_.insert(path).second)
      return fail(ErrorCode::kAlreadyExists, "{} is locked", path.string());
    return std::make_unique<SimulatedLock>(disk_, epoch_, path);
  }

  Result<DiskSpace> disk_space(const Path&) override {
    const MutexLock lock(disk_.mutex_);
    const std::uint64_t total = disk_.capacity_ == 0 ? kUnboundedBytes : disk_.capacity_;
    const std::uint64_t used = disk_.used_locked();
    return DiskSpace{total, used > total ? 0 : total - used};
  }

 private:
  Result<std::shared_ptr<Inode>> find(const Path& path) const LIVEDATA_REQUIRES(disk_.mutex_) {
    const auto found = disk_.names_.find(path);
    if (found == disk_.names_.end())
      return fail(ErrorCode::kNotFound, "{}: no such file", path.string());
    return found->second;
  }
  Result<void> need_folder(const Path& folder) const LIVEDATA_REQUIRES(disk_.mutex_) {
    if (disk_.folders_.contains(folder)) return {};
    return fail(ErrorCode::kNotFound, "{}: no such folder", folder.string());
  }

  SimulatedDisk& disk_;
  std::uint64_t epoch_;
};

SimulatedDisk::SimulatedDisk(std::uint64_t seed) : random_(seed) {}
SimulatedDisk::~SimulatedDisk() = default;

std::shared_ptr<FileSystem> SimulatedDisk::mount() {
  const MutexLock lock(mutex_);
  return std::make_shared<MountedFileSystem>(*this, epoch_);
}

void SimulatedDisk::crash() {
  const MutexLock lock(mutex_);
  ++epoch_;
  locks_.clear();
  failures_.clear();
  // Of each folder's changes a first part happened.
  std::map<Path, std::uint64_t> count;
  for (const Change& change : unsynced_) ++count[change.folder];
  for (auto& [folder, n] : count) n = below(n + 1);
  for (const Change& change : unsynced_) {
    std::uint64_t& left = count[change.folder];
    if (left == 0) continue;
    --left;
    change.apply(durable_names_);
  }
  unsynced_.clear();
  names_ = durable_names_;
  for (auto& [path, inode] : names_) {
    // Of appended bytes any first part may be there; a truncation may not have happened.
    std::string after = inode->durable;
    if (inode->content.starts_with(inode->durable)) {
      const std::size_t tail = inode->content.size() - after.size();
      after += inode->content.substr(after.size(), below(tail + 1));
    }
    inode->content = inode->durable = std::move(after);
  }
}

void SimulatedDisk::fail_once(Operation operation, ErrorCode code, std::size_t after) {
  const MutexLock lock(mutex_);
  failures_.push_back({operation, code, after});
}

void SimulatedDisk::forget_failures() {
  const MutexLock lock(mutex_);
  failures_.clear();
}

void SimulatedDisk::set_capacity(std::uint64_t bytes) {
  const MutexLock lock(mutex_);
  capacity_ = bytes;
}

void SimulatedDisk::damage(const Path& path, std::uint64_t offset) {
  const MutexLock lock(mutex_);
  std::string& content = names_.at(path)->content;
  content.at(static_cast<std::size_t>(offset)) ^= 0x10;
  names_.at(path)->durable = content;
}

std::vector<Path> SimulatedDisk::files() const {
  const MutexLock lock(mutex_);
  std::vector<Path> paths;
  for (const auto& [path, inode] : names_) paths.push_back(path);
  return paths;
}

std::uint64_t SimulatedDisk::used_bytes() const {
  const MutexLock lock(mutex_);
  return used_locked();
}

std::uint64_t SimulatedDisk::used_locked() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, inode] : names_) bytes += inode->content.size();
  return bytes;
}

Result<void> SimulatedDisk::check(std::uint64_t epoch, Operation operation) {
  if (epoch != epoch_) return fail(ErrorCode::kIoError, "the machine has lost power");
  for (auto it = failures_.begin(); it != failures_.end(); ++it) {
    if (it->operation != operation) continue;
    if (it->after > 0) {
      --it->after;
      continue;
    }
    const ErrorCode code = it->code;
    failures_.erase(it);
    return fail(code, "a failure was asked for");
  }
  return {};
}

void SimulatedDisk::change(const Path& folder, const std::function<void(Names&)>& apply) {
  apply(names_);
  unsynced_.push_back({folder, apply});
}

}  // namespace livedata
