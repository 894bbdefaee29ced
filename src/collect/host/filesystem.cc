#include "collect/host/filesystem.h"

#include <algorithm>
#include <array>
#include <set>

#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

constexpr std::size_t kMaxFilesystems = 512;

/// Filesystems without space of their own: node_exporter's defaults (filesystem_linux.go).
bool is_pseudo(std::string_view type) {
  static constexpr std::array<std::string_view, 29> kPseudo = {
      "autofs",    "binfmt_misc", "bpf",      "cgroup",     "cgroup2",        "configfs",
      "debugfs",   "devpts",      "devtmpfs", "efivarfs",   "erofs",          "fusectl",
      "hugetlbfs", "iso9660",     "mqueue",   "nsfs",       "overlay",        "proc",
      "procfs",    "pstore",      "ramfs",    "rpc_pipefs", "securityfs",     "selinuxfs",
      "squashfs",  "sysfs",       "tracefs",  "fuse.lxcfs", "fuse.gvfsd-fuse"};
  return std::find(kPseudo.begin(), kPseudo.end(), type) != kPseudo.end();
}

/// The same of mount points: those of the kernel, and of containers' own filesystems.
bool is_ignored_mount(std::string_view mount) {
  static constexpr std::array<std::string_view, 8> kBelow = {"/dev",
                                                             "/proc",
                                                             "/sys",
                                                             "/run/credentials",
                                                             "/run/docker",
                                                             "/var/lib/docker",
                                                             "/var/lib/containers/storage",
                                                             "/run/netns"};
  return std::any_of(kBelow.begin(), kBelow.end(), [mount](std::string_view folder) {
    return mount.starts_with(folder) &&
           (mount.size() == folder.size() || mount[folder.size()] == '/');
  });
}

bool has_option(std::string_view options, std::string_view option) {
  for (TextScanner scan(options); !scan.done();) {
    if (scan.until(',') == option) return true;
  }
  return false;
}

}  // namespace

std::string unescape_mount(std::string_view text) {
  std::string out;
  const auto octal = [text](std::size_t at) {
    return at < text.size() && text[at] >= '0' && text[at] <= '7';
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && octal(i + 1) && octal(i + 2) && octal(i + 3)) {
      out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                               (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<FilesystemCollector::Filesystem> FilesystemCollector::parse(
    std::string_view mounts) const {
  std::vector<Filesystem> found;
  std::set<std::string, std::less<>> devices;
  std::set<std::string, std::less<>> points;
  for (TextScanner lines(mounts); !lines.done() && found.size() < kMaxFilesystems;) {
    TextScanner words(lines.line());
    Filesystem filesystem;
    filesystem.device = unescape_mount(words.word());
    filesystem.mount = unescape_mount(words.word());
    filesystem.type = words.word();
    filesystem.read_only = has_option(words.word(), "ro");
    // The root is shown whatever it is: of a container it is an overlay.
    if (filesystem.mount.empty() || (is_pseudo(filesystem.type) && filesystem.mount != "/") ||
        is_ignored_mount(filesystem.mount) || filesystem.device.starts_with("/dev/loop"))
      continue;
    if (!points.insert(filesystem.mount).second) continue;
    if (filesystem.device.starts_with('/') && !devices.insert(filesystem.device).second) continue;
    found.push_back(std::move(filesystem));
  }
  return found;
}

bool FilesystemCollector::sample(const Sample& sample) {
  const auto text = mounts_->read();
  if (!text) return false;
  filesystems_ = parse(*text);
  for (Filesystem& filesystem : filesystems_) {
    filesystem.usage = source_.filesystem_usage(filesystem.mount, filesystem.type);
    if (!filesystem.usage) {
      sample.add("filesystem",
                 {Field{"mount", std::string_view(filesystem.mount)},
                  Field{"device", std::string_view(filesystem.device)},
                  Field{"type", std::string_view(filesystem.type)}, Field{"answers", false}});
      continue;
    }
    const FilesystemUsage& usage = *filesystem.usage;
    if (usage.total_bytes == 0) continue;
    const std::uint64_t used = counter_increase(usage.free_bytes, usage.total_bytes);
    const std::uint64_t files_used = counter_increase(usage.files_free, usage.files);
    sample.add("filesystem",
               {Field{"mount", std::string_view(filesystem.mount)},
                Field{"device", std::string_view(filesystem.device)},
                Field{"type", std::string_view(filesystem.type)},
                Field{"total_bytes", as_int(usage.total_bytes)}, Field{"used_bytes", as_int(used)},
                Field{"available_bytes", as_int(usage.available_bytes)},
                // As df has it: of what anybody may use.
                Field{"used_percent", percent(static_cast<double>(used),
                                              static_cast<double>(used) +
                                                  static_cast<double>(usage.available_bytes))},
                Field{"inodes", as_int(usage.files)}, Field{"inodes_used", as_int(files_used)},
                Field{"inodes_used_percent",
                      percent(static_cast<double>(files_used), static_cast<double>(usage.files))},
                Field{"read_only", filesystem.read_only || usage.read_only}});
  }
  return true;
}

void FilesystemCollector::expose(Exposition& page) const {
  const auto each = [&](std::string_view name, std::string_view help, const auto& value) {
    page.gauge(name, help);
    for (const Filesystem& filesystem : filesystems_) {
      if (!filesystem.usage) continue;
      page.add({{"device", filesystem.device},
                {"fstype", filesystem.type},
                {"mountpoint", filesystem.mount}},
               value(filesystem));
    }
  };
  each("node_filesystem_size_bytes", "Filesystem size in bytes.",
       [](const Filesystem& f) { return f.usage ? f.usage->total_bytes : 0; });
  each("node_filesystem_free_bytes", "Filesystem free space in bytes.",
       [](const Filesystem& f) { return f.usage ? f.usage->free_bytes : 0; });
  each("node_filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.",
       [](const Filesystem& f) { return f.usage ? f.usage->available_bytes : 0; });
  each("node_filesystem_files", "Filesystem total file nodes.",
       [](const Filesystem& f) { return f.usage ? f.usage->files : 0; });
  each("node_filesystem_files_free", "Filesystem total free file nodes.",
       [](const Filesystem& f) { return f.usage ? f.usage->files_free : 0; });
  each("node_filesystem_readonly", "Filesystem read-only status.",
       [](const Filesystem& f) { return f.read_only || (f.usage && f.usage->read_only) ? 1 : 0; });
  page.gauge("node_filesystem_device_error",
             "Whether an error occurred while getting statistics for the given device.");
  for (const Filesystem& filesystem : filesystems_) {
    page.add({{"device", filesystem.device},
              {"fstype", filesystem.type},
              {"mountpoint", filesystem.mount}},
             filesystem.usage ? 0 : 1);
  }
}

}  // namespace livedata::collect::host
