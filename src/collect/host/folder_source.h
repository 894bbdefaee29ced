#pragma once

#include "collect/host/host_source.h"

namespace livedata::collect::host {

/// A folder that holds files as / does: proc/stat, sys/class/net/... What is no file is told by
/// files in the folder `answers`: `filesystems` has lines "MOUNT TOTAL FREE AVAILABLE FILES
/// FILES_FREE" (bytes), `units` has "NAME LOAD ACTIVE SUB RESTARTS". Users are those of etc/passwd.
class FolderSource : public HostSource {
 public:
  /// `root` without a slash at its end; "" is this machine.
  explicit FolderSource(std::string root) : root_(std::move(root)) {}

  std::unique_ptr<SourceFile> open(std::string path) override;
  std::optional<std::string_view> read(const std::string& path, std::string& buffer) override;
  bool list(const std::string& folder, const std::function<void(std::string_view)>& entry) override;
  std::optional<std::string> link_name(const std::string& path) override;

  std::optional<FilesystemUsage> filesystem_usage(const std::string& mount,
                                                  std::string_view type) override;
  std::optional<std::uint64_t> process_cpu_ns(std::int64_t pid) override;
  [[nodiscard]] bool has_process_clocks() const override { return false; }
  std::optional<std::uint64_t> open_files(std::int64_t pid) override;
  std::optional<TcpStates> tcp_states() override { return std::nullopt; }
  std::optional<ClockStatus> clock_status() override { return std::nullopt; }
  std::optional<std::vector<UnitState>> units(bool with_restarts) override;
  std::string user_name(unsigned uid) override;
  std::string machine() override;
  [[nodiscard]] double ticks_per_second() const override { return 100; }
  [[nodiscard]] std::uint64_t page_bytes() const override { return 4096; }

 protected:
  [[nodiscard]] const char* full(const std::string& path);

 private:
  std::string root_;
  std::string path_;  // of the call that runs
};

/// The lines of `answers/units`; nothing if there are none.
std::optional<std::vector<UnitState>> parse_units(std::string_view text);

/// "name" of the line of /etc/passwd with this user id; "" if none has it.
std::string find_user(std::string_view passwd, unsigned uid);

}  // namespace livedata::collect::host
