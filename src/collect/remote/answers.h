#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "collect/host/host_source.h"

namespace livedata::collect::remote {

/// What programs of the far side print, as values. All of it is outside bytes: what is not
/// understood is left out, and what is kept is bounded by the text itself.

/// The files of head(1) with several ones: "==> PATH <==" in front of each. Only kernel files and
/// such have a place in it, whose contents are not a stranger's.
void for_each_file(
    std::string_view text,
    const std::function<void(std::string_view path, std::string_view content)>& file);

/// A regular file as `ls -lin` shows it.
struct ListedFile {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::string_view path;
};
std::optional<ListedFile> parse_listed_file(std::string_view line);
std::vector<ListedFile> parse_listed_files(std::string_view text, std::size_t max_files);

/// Space and inodes by mount point, of `df -P -k`, an empty line and `df -P -i`.
std::map<std::string, host::FilesystemUsage, std::less<>> parse_disk_usage(std::string_view text);

/// Of `date '+%s.%N %z'`.
struct FarTime {
  TimestampNs earliest = 0;  ///< the time was in between: a second, where there are no nanoseconds
  TimestampNs latest = 0;
  std::optional<int> zone = std::nullopt;  ///< seconds east of Greenwich
};
std::optional<FarTime> parse_far_time(std::string_view text);

/// Of "STATE COUNT" with states in hexadecimal.
std::optional<host::TcpStates> parse_tcp_states(std::string_view text);

/// Mount points of filesystems of this machine's own, whose server can't be gone. Of those, only
/// such as have no blanks or quotes in their names.
std::vector<std::string> local_mounts(std::string_view mounts, std::size_t max_mounts);
/// The lines of those filesystems.
std::string without_network_mounts(std::string_view mounts);

}  // namespace livedata::collect::remote
