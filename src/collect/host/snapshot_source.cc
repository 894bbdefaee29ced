#include "collect/host/snapshot_source.h"

#include <fmt/core.h>

#include "collect/host/folder_source.h"
#include "collect/host/text_scan.h"

namespace livedata::collect::host {

class SnapshotSource::File final : public SourceFile {
 public:
  File(const SnapshotSource& source, std::string path) : source_(source), path_(std::move(path)) {}
  std::optional<std::string_view> read() override {
    const auto found = source_.files_.find(path_);
    if (found == source_.files_.end()) return std::nullopt;
    return found->second;
  }

 private:
  const SnapshotSource& source_;
  std::string path_;
};

void SnapshotSource::put(const std::string& path, std::string content) {
  files_[path] = std::move(content);
}

void SnapshotSource::remove(std::string_view path_prefix) {
  auto it = files_.lower_bound(path_prefix);
  while (it != files_.end() && it->first.starts_with(path_prefix)) it = files_.erase(it);
}

std::unique_ptr<SourceFile> SnapshotSource::open(std::string path) {
  return std::make_unique<File>(*this, std::move(path));
}

std::optional<std::string_view> SnapshotSource::read(const std::string& path,
                                                     std::string& /*buffer*/) {
  const auto found = files_.find(path);
  if (found == files_.end()) return std::nullopt;
  return found->second;
}

bool SnapshotSource::list(const std::string& folder,
                          const std::function<void(std::string_view)>& entry) {
  const std::string prefix = fmt::format("{}/", folder);
  auto it = files_.lower_bound(prefix);
  if (it == files_.end() || !it->first.starts_with(prefix)) return false;
  std::string name;
  while (it != files_.end() && it->first.starts_with(prefix)) {
    const std::string_view rest = std::string_view(it->first).substr(prefix.size());
    name = rest.substr(0, rest.find('/'));
    if (!name.empty()) entry(name);
    // Past everything below the entry: '0' follows '/'.
    it = rest.size() == name.size() ? std::next(it)
                                    : files_.lower_bound(fmt::format("{}{}0", prefix, name));
  }
  return true;
}

std::optional<std::string> SnapshotSource::link_name(const std::string& path) {
  const auto found = links_.find(path);
  if (found == links_.end()) return std::nullopt;
  return found->second.substr(found->second.rfind('/') + 1);
}

std::optional<FilesystemUsage> SnapshotSource::filesystem_usage(const std::string& mount,
                                                                std::string_view /*type*/) {
  const auto found = filesystems_.find(mount);
  if (found == filesystems_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint64_t> SnapshotSource::process_cpu_ns(std::int64_t /*pid*/) {
  return std::nullopt;
}

std::optional<std::uint64_t> SnapshotSource::open_files(std::int64_t /*pid*/) {
  return std::nullopt;
}

std::optional<std::vector<UnitState>> SnapshotSource::units(bool /*with_restarts*/) {
  std::string buffer;
  return parse_units(read("/answers/units", buffer).value_or(""));
}

std::string SnapshotSource::user_name(unsigned uid) {
  std::string buffer;
  return find_user(read("/etc/passwd", buffer).value_or(""), uid);
}

std::string SnapshotSource::machine() {
  std::string buffer;
  return std::string(trimmed(read("/proc/sys/kernel/arch", buffer).value_or("")));
}

}  // namespace livedata::collect::host
