#pragma once

#include <map>
#include <set>

#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// Files that came from elsewhere, such as from another machine, each by its path. Collectors see
/// what was put last.
class SnapshotSource final : public HostSource {
 public:
  /// A file's new content.
  void put(const std::string& path, std::string content);
  /// Forgets every file whose path begins so, such as "/proc/1234/".
  void remove(std::string_view path_prefix);
  void put_filesystem(const std::string& mount, const FilesystemUsage& usage) {
    filesystems_[mount] = usage;
  }
  void put_clock(double ticks_per_second, std::uint64_t page_bytes) {
    ticks_per_second_ = ticks_per_second;
    page_bytes_ = page_bytes;
  }
  /// Counted elsewhere, so that /proc/net/tcp need not be put.
  void put_tcp_states(const TcpStates& states) { tcp_states_ = states; }
  /// What the link at `path` leads to.
  void put_link(const std::string& path, std::string target) { links_[path] = std::move(target); }

  std::unique_ptr<SourceFile> open(std::string path) override;
  std::optional<std::string_view> read(const std::string& path, std::string& buffer) override;
  bool list(const std::string& folder, const std::function<void(std::string_view)>& entry) override;
  std::optional<std::string> link_name(const std::string& path) override;
  std::optional<FilesystemUsage> filesystem_usage(const std::string& mount,
                                                  std::string_view type) override;
  std::optional<std::uint64_t> process_cpu_ns(std::int64_t pid) override;
  [[nodiscard]] bool has_process_clocks() const override { return false; }
  std::optional<std::uint64_t> open_files(std::int64_t pid) override;
  std::optional<TcpStates> tcp_states() override { return tcp_states_; }
  std::optional<ClockStatus> clock_status() override { return std::nullopt; }
  /// Those of the file /answers/units, as FolderSource has it.
  std::optional<std::vector<UnitState>> units(bool with_restarts) override;
  std::string user_name(unsigned uid) override;
  std::string machine() override;
  [[nodiscard]] double ticks_per_second() const override { return ticks_per_second_; }
  [[nodiscard]] std::uint64_t page_bytes() const override { return page_bytes_; }

 private:
  class File;
  std::map<std::string, std::string, std::less<>> files_;
  std::map<std::string, std::string, std::less<>> links_;
  std::map<std::string, FilesystemUsage, std::less<>> filesystems_;
  std::optional<TcpStates> tcp_states_;
  double ticks_per_second_ = 100;
  std::uint64_t page_bytes_ = 4096;
};

}  // namespace livedata::collect::host
