#pragma once

#include <unordered_map>

#include "collect/host/bounded_statvfs.h"
#include "collect/host/folder_source.h"
#include "collect/host/systemd_bus.h"

namespace livedata::collect::host {

/// The machine this process runs on.
class LiveSource final : public FolderSource {
 public:
  LiveSource();

  std::optional<FilesystemUsage> filesystem_usage(const std::string& mount,
                                                  std::string_view type) override;
  std::optional<std::uint64_t> process_cpu_ns(std::int64_t pid) override;
  [[nodiscard]] bool has_process_clocks() const override { return has_process_clocks_; }
  std::optional<std::uint64_t> open_files(std::int64_t pid) override;
  std::optional<TcpStates> tcp_states() override;
  std::optional<ClockStatus> clock_status() override;
  std::optional<std::vector<UnitState>> units(bool with_restarts) override;
  std::string user_name(unsigned uid) override;
  std::string machine() override;
  [[nodiscard]] double ticks_per_second() const override { return ticks_per_second_; }
  [[nodiscard]] std::uint64_t page_bytes() const override { return page_bytes_; }

 private:
  BoundedStatvfs statvfs_;
  SystemdBus systemd_;
  bool has_process_clocks_ = false;
  bool folder_size_counts_files_ = false;
  double ticks_per_second_ = 100;
  std::uint64_t page_bytes_ = 4096;
};

}  // namespace livedata::collect::host
