#include "collect/host/bounded_statvfs.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <thread>

#include "base/mutex.h"
#include "base/thread_pool.h"

namespace livedata::collect::host {
namespace {

constexpr std::chrono::milliseconds kPatience{500};

std::optional<FilesystemUsage> ask_kernel(const std::string& mount) {
  struct statvfs status{};
  if (::statvfs(mount.c_str(), &status) != 0) return std::nullopt;
  const std::uint64_t unit = status.f_frsize;
  FilesystemUsage usage;
  usage.total_bytes = status.f_blocks * unit;
  usage.free_bytes = status.f_bfree * unit;
  usage.available_bytes = status.f_bavail * unit;
  usage.files = status.f_files;
  usage.files_free = status.f_ffree;
  usage.read_only = (status.f_flag & ST_RDONLY) != 0;
  return usage;
}

}  // namespace

bool is_local_filesystem(std::string_view type) {
  static constexpr std::array<std::string_view, 18> kLocal = {
      "bcachefs", "btrfs", "erofs",   "exfat", "ext2",     "ext3",  "ext4", "f2fs", "iso9660",
      "jfs",      "ntfs3", "overlay", "ramfs", "squashfs", "tmpfs", "vfat", "xfs",  "zfs"};
  return std::find(kLocal.begin(), kLocal.end(), type) != kLocal.end();
}

/// What the asking thread and we see. It goes when both have let go of it.
struct BoundedStatvfs::Shared {
  Mutex mutex;
  std::condition_variable wake;
  bool stopping LIVEDATA_GUARDED_BY(mutex) = false;
  bool busy LIVEDATA_GUARDED_BY(mutex) = false;
  std::string question LIVEDATA_GUARDED_BY(mutex);
  std::optional<FilesystemUsage> answer LIVEDATA_GUARDED_BY(mutex);

  void run(const Ask& ask) {
    MutexLock lock(mutex);
    while (!stopping) {
      if (!busy) {
        lock.wait(wake);
        continue;
      }
      const std::string mount = question;
      lock.unlock();
      const auto found = ask(mount);
      lock.lock();
      answer = found;
      busy = false;
      wake.notify_all();
    }
  }
};

BoundedStatvfs::BoundedStatvfs() : BoundedStatvfs(ask_kernel, kPatience) {}

BoundedStatvfs::BoundedStatvfs(Ask ask, std::chrono::milliseconds patience)
    : ask_(std::move(ask)), patience_(patience) {}

BoundedStatvfs::~BoundedStatvfs() {
  if (shared_ == nullptr) return;
  const MutexLock lock(shared_->mutex);
  shared_->stopping = true;
  shared_->wake.notify_all();
}

std::optional<FilesystemUsage> BoundedStatvfs::ask(const std::string& mount,
                                                   std::string_view type) {
  if (is_local_filesystem(type)) return ask_(mount);
  if (shared_ == nullptr) {
    shared_ = std::make_shared<Shared>();
    // Detached: nobody can wait for a call that never returns.
    std::thread([shared = shared_, ask = ask_] {
      name_this_thread("ld-statvfs");
      shared->run(ask);
    }).detach();
  }
  const auto deadline = std::chrono::steady_clock::now() + patience_;
  MutexLock lock(shared_->mutex);
  if (shared_->busy) return std::nullopt;  // still with a filesystem that does not answer
  shared_->question = mount;
  shared_->answer.reset();
  shared_->busy = true;
  shared_->wake.notify_all();
  while (shared_->busy) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) return std::nullopt;
    lock.wait_for(shared_->wake, left);
  }
  return shared_->answer;
}

}  // namespace livedata::collect::host
