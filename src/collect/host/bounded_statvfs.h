#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Asks filesystems for their space. A network filesystem whose server is gone may not answer at
/// all (statfs of a hard NFS mount), so anything but a filesystem known to be local is asked on a
/// thread of its own and given up after a while; until that thread comes back, no other question is
/// sent after it. Not thread-safe.
class BoundedStatvfs {
 public:
  using Ask = std::function<std::optional<FilesystemUsage>(const std::string& mount)>;

  BoundedStatvfs();
  /// For tests: `ask` instead of statvfs(3), another patience.
  BoundedStatvfs(Ask ask, std::chrono::milliseconds patience);
  ~BoundedStatvfs();
  BoundedStatvfs(const BoundedStatvfs&) = delete;
  BoundedStatvfs& operator=(const BoundedStatvfs&) = delete;

  std::optional<FilesystemUsage> ask(const std::string& mount, std::string_view type);

 private:
  struct Shared;
  Ask ask_;
  std::chrono::milliseconds patience_;
  std::shared_ptr<Shared> shared_;  // with the thread, which may outlive us; null until needed
};

/// Whether a filesystem type is known to answer without asking anybody over a network.
bool is_local_filesystem(std::string_view type);

}  // namespace livedata::collect::host
