#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace livedata::collect::host {

/// A kernel file that is read again and again. Not thread-safe.
class SourceFile {
 public:
  virtual ~SourceFile() = default;
  /// The content now, valid until the next call; nothing when it can't be read.
  virtual std::optional<std::string_view> read() = 0;
};

/// Space and inodes of a mounted filesystem.
struct FilesystemUsage {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;       ///< root may write them
  std::uint64_t available_bytes = 0;  ///< anybody may
  std::uint64_t files = 0;
  std::uint64_t files_free = 0;
  bool read_only = false;
};

/// What adjtimex(2) says of the clock.
struct ClockStatus {
  bool synchronized = false;
  double offset_seconds = 0;
  double max_error_seconds = 0;
  double estimated_error_seconds = 0;
  double frequency_ratio = 0;
  std::int64_t tai_offset_seconds = 0;
  std::int64_t loop_time_constant = 0;
  double tick_seconds = 0;  ///< between two ticks of the clock
  std::int64_t status = 0;
};

/// Sockets of TCP by state, as the kernel numbers them (include/net/tcp_states.h): 1 established
/// to 11 closing. Both versions of IP.
struct TcpStates {
  static constexpr std::size_t kStates = 13;
  std::uint64_t count[kStates] = {};
};

/// A unit of systemd, as its manager lists it.
struct UnitState {
  std::string name;                       ///< nginx.service
  std::string load;                       ///< loaded, not-found, ...
  std::string active;                     ///< active, inactive, failed, ...
  std::string sub;                        ///< running, exited, ...
  std::optional<std::uint64_t> restarts;  ///< of a service, by systemd itself; if it was asked for
};

/// A machine, as far as collectors see it: kernel files by their absolute path, and answers to
/// system calls. The live machine (LiveSource), a folder with a copy of such files (FolderSource),
/// and files that came from elsewhere (SnapshotSource). What a source can't answer is nothing, and
/// the collectors do without. Not thread-safe.
class HostSource {
 public:
  virtual ~HostSource() = default;

  /// A file that will be read again and again; it need not exist yet.
  virtual std::unique_ptr<SourceFile> open(std::string path) = 0;
  /// Reads a file once, into a buffer that is reused. At most 64 KiB of it. For files of the kernel
  /// that come in one piece, as those of a process, a device or a cgroup do.
  virtual std::optional<std::string_view> read(const std::string& path, std::string& buffer) = 0;
  /// Calls `entry` with each name in a folder, in no order. False: it can't be listed.
  virtual bool list(const std::string& folder,
                    const std::function<void(std::string_view)>& entry) = 0;
  /// The last part of what a symbolic link leads to.
  virtual std::optional<std::string> link_name(const std::string& path) = 0;

  /// `type` is the filesystem's, such as ext4. Takes bounded time, even if the server behind a
  /// network filesystem is gone; then it is nothing.
  virtual std::optional<FilesystemUsage> filesystem_usage(const std::string& mount,
                                                          std::string_view type) = 0;
  /// CPU time of a process in nanoseconds, without opening a file. Nothing: there is no such
  /// process. Only where has_process_clocks().
  virtual std::optional<std::uint64_t> process_cpu_ns(std::int64_t pid) = 0;
  [[nodiscard]] virtual bool has_process_clocks() const = 0;
  /// How many files a process has open; nothing where we may not know.
  virtual std::optional<std::uint64_t> open_files(std::int64_t pid) = 0;
  /// Nothing: read /proc/net/tcp.
  virtual std::optional<TcpStates> tcp_states() = 0;
  virtual std::optional<ClockStatus> clock_status() = 0;
  /// Units of systemd; nothing where it does not run or does not answer. `with_restarts`: asks
  /// about each service, too, which costs a question each.
  virtual std::optional<std::vector<UnitState>> units(bool with_restarts) = 0;
  /// "" for an unknown one.
  virtual std::string user_name(unsigned uid) = 0;
  /// Architecture as uname(2) names it.
  virtual std::string machine() = 0;
  [[nodiscard]] virtual double ticks_per_second() const = 0;
  [[nodiscard]] virtual std::uint64_t page_bytes() const = 0;
};

}  // namespace livedata::collect::host
