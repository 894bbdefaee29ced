#pragma once

#include <vector>

#include "collect/host/collector.h"
#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Space, inodes and mode of mounted filesystems: source `filesystem`. Those of the kernel (proc,
/// sysfs, ...) are left out, and of a device that is mounted several times (bind mounts) all but
/// the first. A filesystem that does not answer is told by `answers`=false.
class FilesystemCollector final : public Collector {
 public:
  explicit FilesystemCollector(HostSource& source)
      : source_(source), mounts_(source.open("/proc/self/mounts")) {}
  bool sample(const Sample& sample) override;
  void expose(Exposition& page) const override;

 private:
  struct Filesystem {
    std::string device, mount, type;
    bool read_only = false;  ///< as mounted
    std::optional<FilesystemUsage> usage;
  };
  std::vector<Filesystem> parse(std::string_view mounts) const;

  HostSource& source_;
  std::unique_ptr<SourceFile> mounts_;
  std::vector<Filesystem> filesystems_;
};

/// Undoes the octal escapes of blanks and such in /proc/mounts.
std::string unescape_mount(std::string_view text);

}  // namespace livedata::collect::host
