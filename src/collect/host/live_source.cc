#include "collect/host/live_source.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <ctime>
#include <vector>

#include <fmt/core.h>

#include "collect/host/tcp_diag.h"
#include "collect/host/text_scan.h"

namespace livedata::collect::host {
namespace {

/// The clock of a process's CPU time, as clock_getcpuclockid(3) makes it, but without its question
/// whether there is such a process: reading the clock tells that, too.
clockid_t process_clock(std::int64_t pid) {
  constexpr unsigned kSchedulerClock = 2;  // include/linux/posix-timers.h: CPUCLOCK_SCHED
  return static_cast<clockid_t>((~static_cast<unsigned>(pid) << 3U) | kSchedulerClock);
}

/// A /proc of another PID namespace, such as the host's in a container, has other numbers.
bool proc_shows_our_numbers() {
  std::array<char, 32> target{};
  const ssize_t size = ::readlink("/proc/self", target.data(), target.size());
  return size > 0 && to_number<std::int64_t>(std::string_view(
                         target.data(), static_cast<std::size_t>(size))) == ::getpid();
}

/// Since Linux 6.2 the size of /proc/PID/fd is the number of open files.
bool size_of_fd_folder_counts() {
  struct stat status{};
  return ::stat("/proc/self/fd", &status) == 0 && status.st_size > 0;
}

}  // namespace

LiveSource::LiveSource()
    : FolderSource(""),
      folder_size_counts_files_(size_of_fd_folder_counts()),
      ticks_per_second_(static_cast<double>(::sysconf(_SC_CLK_TCK))),
      page_bytes_(static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))) {
  timespec time{};
  has_process_clocks_ =
      proc_shows_our_numbers() && ::clock_gettime(process_clock(::getpid()), &time) == 0;
}

std::optional<FilesystemUsage> LiveSource::filesystem_usage(const std::string& mount,
                                                            std::string_view type) {
  return statvfs_.ask(mount, type);
}

std::optional<std::uint64_t> LiveSource::process_cpu_ns(std::int64_t pid) {
  timespec time{};
  if (pid <= 0 || pid > INT_MAX || ::clock_gettime(process_clock(pid), &time) != 0)
    return std::nullopt;
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::optional<std::uint64_t> LiveSource::open_files(std::int64_t pid) {
  if (!folder_size_counts_files_) return FolderSource::open_files(pid);
  const std::string folder = fmt::format("/proc/{}/fd", pid);
  if (::access(folder.c_str(), R_OK) != 0) return std::nullopt;  // the size is then 0
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

std::optional<TcpStates> LiveSource::tcp_states() { return count_tcp_states(); }

std::optional<ClockStatus> LiveSource::clock_status() {
  timex time{};
  const int state = ::adjtimex(&time);
  if (state < 0) return std::nullopt;
  const double unit = (static_cast<unsigned>(time.status) & STA_NANO) != 0 ? 1e-9 : 1e-6;
  ClockStatus status;
  status.synchronized = state != TIME_ERROR;
  status.offset_seconds = static_cast<double>(time.offset) * unit;
  status.max_error_seconds = static_cast<double>(time.maxerror) * 1e-6;
  status.estimated_error_seconds = static_cast<double>(time.esterror) * 1e-6;
  // adjtimex(2): parts per million with a fraction of 16 bits.
  status.frequency_ratio = 1 + static_cast<double>(time.freq) / 65'536e6;
  status.tai_offset_seconds = time.tai;
  status.loop_time_constant = time.constant;
  status.tick_seconds = static_cast<double>(time.tick) * 1e-6;
  status.status = time.status;
  return status;
}

std::optional<std::vector<UnitState>> LiveSource::units(bool with_restarts) {
  return systemd_.units(with_restarts);
}

std::string LiveSource::user_name(unsigned uid) {
  std::vector<char> buffer(16'384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return "";
  return entry.pw_name;
}

std::string LiveSource::machine() {
  utsname name{};
  return ::uname(&name) == 0 ? std::string(static_cast<const char*>(name.machine)) : "";
}

}  // namespace livedata::collect::host
