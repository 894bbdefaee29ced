#include "collect/files/folder_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace livedata::collect {
namespace {

constexpr std::uint32_t kFolderEvents =
    IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t kFileEvents = IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_DELETE;

FolderWatch::What what_of(std::uint32_t mask) {
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0)
    return FolderWatch::What::kFolderGone;
  return (mask & IN_MODIFY) != 0 ? FolderWatch::What::kWritten : FolderWatch::What::kNames;
}

}  // namespace

std::unique_ptr<FolderWatch> FolderWatch::open() {
  FileHandle inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify) return nullptr;
  return std::unique_ptr<FolderWatch>(
      new FolderWatch(std::move(inotify)));  // NOLINT: the constructor is private
}

std::optional<int> FolderWatch::add(const std::string& folder, Interest interest) {
  const std::uint32_t mask = kFolderEvents | (interest == Interest::kFiles ? kFileEvents : 0U);
  const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), mask);
  return watch < 0 ? std::nullopt : std::optional(watch);
}

void FolderWatch::remove(int watch) { ::inotify_rm_watch(inotify_.get(), watch); }

bool FolderWatch::take(const std::function<void(const Event&)>& visit) {
  bool complete = true;
  alignas(inotify_event) std::array<char, 64 * 1024> buffer;  // NOLINT(*-member-init)
  for (;;) {
    const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return complete;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(size);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      const char* name = buffer.data() + at + sizeof(event);
      at += sizeof(event) + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) complete = false;
      if (event.wd < 0) continue;
      visit({event.wd, what_of(event.mask),
             event.len == 0 ? std::string_view() : std::string_view(name)});
    }
  }
}

}  // namespace livedata::collect
