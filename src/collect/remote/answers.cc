#include "collect/remote/answers.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "collect/host/text_scan.h"

namespace livedata::collect::remote {
namespace {

using host::TextScanner;
using host::to_number;
using host::trimmed;

constexpr std::size_t kMaxPath = 512;
constexpr std::uint64_t kKib = 1024;

/// The path of a line "==> PATH <==".
std::string_view heading(std::string_view line) {
  constexpr std::string_view kOpen = "==> ";
  constexpr std::string_view kClose = " <==";
  if (!line.starts_with(kOpen) || !line.ends_with(kClose) ||
      line.size() <= kOpen.size() + kClose.size())
    return {};
  const std::string_view path =
      line.substr(kOpen.size(), line.size() - kOpen.size() - kClose.size());
  static constexpr std::array<std::string_view, 5> kFolders = {"/proc/", "/sys/", "/etc/", "/run/",
                                                               "/usr/lib/"};
  const bool is_known = std::any_of(kFolders.begin(), kFolders.end(),
                                    [path](std::string_view f) { return path.starts_with(f); });
  return is_known && path.size() <= kMaxPath ? path : std::string_view();
}

bool is_network(std::string_view type) {
  static constexpr std::array<std::string_view, 16> kTypes = {
      "nfs",  "nfs4",      "cifs",   "smb3", "smbfs", "ncpfs", "9p",     "afs",
      "ceph", "glusterfs", "lustre", "gpfs", "ocfs2", "gfs2",  "beegfs", "autofs"};
  return type.starts_with("fuse") || std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

/// "+0130" in seconds.
std::optional<int> parse_zone(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + 5, value);
  if (error != std::errc() || end != text.data() + 5 || value < 0 || value > 1500)
    return std::nullopt;
  const int seconds = (value / 100 * 60 + value % 100) * 60;
  return text[0] == '-' ? -seconds : seconds;
}

struct DiskLine {
  std::uint64_t total = 0, used = 0, available = 0;
  std::string_view mount;
};

/// DEVICE TOTAL USED AVAILABLE PERCENT MOUNT; a device may have blanks, a mount that we asked for
/// has none.
std::optional<DiskLine> parse_disk_line(std::string_view line) {
  std::array<std::string_view, 5> last;
  std::string_view rest = trimmed(line);
  for (std::size_t i = last.size(); i > 0; --i) {
    const std::size_t blank = rest.find_last_of(" \t");
    if (blank == std::string_view::npos) return std::nullopt;
    last[i - 1] = rest.substr(blank + 1);
    rest = trimmed(rest.substr(0, blank));
  }
  if (!last[4].starts_with('/') || last[0].empty() || last[0][0] < '0' || last[0][0] > '9')
    return std::nullopt;
  return DiskLine{to_number<std::uint64_t>(last[0]), to_number<std::uint64_t>(last[1]),
                  to_number<std::uint64_t>(last[2]), last[4]};
}

}  // namespace

void for_each_file(
    std::string_view text,
    const std::function<void(std::string_view path, std::string_view content)>& file) {
  std::string_view path;
  std::size_t begin = 0;
  const auto give = [&](std::size_t end) {
    if (path.empty()) return;
    std::string_view content = text.substr(begin, end - begin);
    if (end < text.size() && content.ends_with('\n')) content.remove_suffix(1);  // of the heading
    file(path, content);
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (const std::string_view found = heading(text.substr(at, end - at)); !found.empty()) {
      give(at);
      path = found;
      begin = std::min(end + 1, text.size());
    }
    at = end + 1;
  }
  give(text.size());
}

std::optional<ListedFile> parse_listed_file(std::string_view line) {
  // INODE MODE LINKS USER GROUP SIZE MONTH DAY TIME PATH
  TextScanner words(line);
  ListedFile file;
  file.inode = words.number();
  if (!words.word().starts_with('-')) return std::nullopt;
  words.skip(3);
  const std::string_view size = words.word();
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), file.size);
  if (error != std::errc() || end != size.data() + size.size()) return std::nullopt;
  words.skip(3);
  file.path = words.rest();
  if (file.path.starts_with(' ')) file.path.remove_prefix(1);
  if (file.inode == 0 || !file.path.starts_with('/') || file.path.size() > kMaxPath)
    return std::nullopt;
  const bool is_printable = std::all_of(file.path.begin(), file.path.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  return is_printable ? std::optional(file) : std::nullopt;
}

std::vector<ListedFile> parse_listed_files(std::string_view text, std::size_t max_files) {
  std::vector<ListedFile> files;
  for (TextScanner lines(text); !lines.done() && files.size() < max_files;) {
    if (const auto file = parse_listed_file(lines.line())) files.push_back(*file);
  }
  return files;
}

std::map<std::string, host::FilesystemUsage, std::less<>> parse_disk_usage(std::string_view text) {
  std::map<std::string, host::FilesystemUsage, std::less<>> found;
  bool is_inodes = false;
  for (TextScanner lines(text); !lines.done();) {
    const std::string_view line = lines.line();
    if (trimmed(line).empty()) is_inodes = true;
    const auto disk = parse_disk_line(line);
    if (!disk) continue;
    host::FilesystemUsage& usage = found[std::string(disk->mount)];
    if (is_inodes) {
      usage.files = disk->total;
      usage.files_free = disk->available;
      continue;
    }
    const auto bytes = [](std::uint64_t kib) {
      return kib > UINT64_MAX / kKib ? UINT64_MAX : kib * kKib;
    };
    usage.total_bytes = bytes(disk->total);
    usage.available_bytes = bytes(disk->available);
    usage.free_bytes = bytes(disk->total - std::min(disk->used, disk->total));
  }
  return found;
}

std::optional<FarTime> parse_far_time(std::string_view text) {
  TextScanner words(text);
  const std::string_view time = words.word();
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), seconds);
  constexpr std::int64_t kMost = INT64_MAX / kNsPerSecond / 2;
  if (error != std::errc() || seconds < 0 || seconds > kMost) return std::nullopt;
  FarTime far;
  far.zone = parse_zone(words.word());
  far.earliest = seconds * kNsPerSecond;
  far.latest = far.earliest + kNsPerSecond - 1;
  const std::string_view fraction = time.substr(static_cast<std::size_t>(end - time.data()));
  constexpr std::size_t kDigits = 10;  // with the dot
  std::int64_t nanoseconds = 0;
  if (fraction.size() == kDigits &&
      std::from_chars(fraction.data() + 1, fraction.data() + kDigits, nanoseconds).ptr ==
          fraction.data() + kDigits &&
      nanoseconds >= 0) {
    far.earliest += nanoseconds;
    far.latest = far.earliest;
  }
  return far;
}

std::optional<host::TcpStates> parse_tcp_states(std::string_view text) {
  host::TcpStates states;
  bool any = false;
  for (TextScanner lines(text); !lines.done();) {
    TextScanner words(lines.line());
    const std::string_view state = words.word();
    std::size_t number = 0;
    const auto [end, error] =
        std::from_chars(state.data(), state.data() + state.size(), number, 16);
    if (error != std::errc() || end != state.data() + state.size() ||
        number >= host::TcpStates::kStates)
      continue;
    states.count[number] = words.number();
    any = true;
  }
  return any ? std::optional(states) : std::nullopt;
}

std::vector<std::string> local_mounts(std::string_view mounts, std::size_t max_mounts) {
  std::vector<std::string> found;
  for (TextScanner lines(mounts); !lines.done() && found.size() < max_mounts;) {
    TextScanner words(lines.line());
    words.word();
    const std::string_view mount = words.word();
    const std::string_view type = words.word();
    const bool is_clean = mount.starts_with('/') && mount.size() <= kMaxPath &&
                          mount.find_first_of("\\'\"") == std::string_view::npos;
    static constexpr std::array<std::string_view, 3> kKernel = {"/proc", "/sys", "/dev"};
    const bool is_kernel = std::any_of(kKernel.begin(), kKernel.end(), [mount](std::string_view f) {
      return mount.starts_with(f) && (mount.size() == f.size() || mount[f.size()] == '/');
    });
    if (is_clean && !is_kernel && !is_network(type)) found.emplace_back(mount);
  }
  return found;
}

std::string without_network_mounts(std::string_view mounts) {
  std::string out;
  for (TextScanner lines(mounts); !lines.done();) {
    const std::string_view line = lines.line();
    TextScanner words(line);
    words.skip(2);
    if (is_network(words.word())) continue;
    out += line;
    out += '\n';
  }
  return out;
}

}  // namespace livedata::collect::remote
