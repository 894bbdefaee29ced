#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collect/files/file_status.h"

namespace livedata::collect {

/// What happens in folders, told by the kernel (inotify). Not thread-safe, but fd() may be waited
/// on by another thread.
class FolderWatch {
 public:
  enum class Interest : std::uint8_t {
    kFolders,  ///< names that come
    kFiles,    ///< and names that go, and writing
  };
  enum class What : std::uint8_t {
    kWritten,     ///< to the file of the name
    kNames,       ///< the name came, went, or stands for another file
    kFolderGone,  ///< the folder was removed or renamed; it is not watched any more
  };
  struct Event {
    int watch = -1;
    What what = What::kWritten;
    std::string_view name;
  };

  /// Null where the system gives none, as when its limit is reached.
  static std::unique_ptr<FolderWatch> open();

  /// Readable when there are events.
  [[nodiscard]] int fd() const { return inotify_.get(); }
  /// A number for the folder, the same for the same folder; nothing if it can't be watched.
  std::optional<int> add(const std::string& folder, Interest interest);
  void remove(int watch);
  /// Visits all events that there are. False: some were lost, and every folder may have changed.
  bool take(const std::function<void(const Event&)>& visit);

 private:
  explicit FolderWatch(FileHandle inotify) : inotify_(std::move(inotify)) {}
  FileHandle inotify_;
};

}  // namespace livedata::collect
