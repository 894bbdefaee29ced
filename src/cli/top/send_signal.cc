#include "cli/top/send_signal.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

#include "collect/host/live_source.h"
#include "collect/host/process_stat.h"

namespace livedata::cli::top {
namespace {

/// A file that stands for a process, whatever becomes of its number.
class ProcessFile {
 public:
  // glibc 2.36 has wrappers; the calls are in Linux 5.3 and 5.1.
  explicit ProcessFile(std::int64_t pid)
      : file_(static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0))) {}
  ~ProcessFile() {
    if (file_ >= 0) ::close(file_);
  }
  ProcessFile(const ProcessFile&) = delete;
  ProcessFile& operator=(const ProcessFile&) = delete;

  [[nodiscard]] bool is_open() const { return file_ >= 0; }
  [[nodiscard]] bool send(int signal) const {
    return ::syscall(SYS_pidfd_send_signal, file_, signal, nullptr, 0) == 0;
  }

 private:
  int file_;
};

/// When the process that has the number now was started.
std::uint64_t start_ticks_of(std::int64_t pid) {
  collect::host::LiveSource source;
  std::string buffer;
  collect::host::ProcessStat stat;
  const auto text = source.read(fmt::format("/proc/{}/stat", pid), buffer);
  return text && collect::host::parse_process_stat(*text, stat) ? stat.start_ticks : 0;
}

Result<void> failure(const ProcessFigures& process, int error) {
  switch (error) {
    case ESRCH:
      return fail(ErrorCode::kNotFound, "{} {} has ended already", process.pid, process.name);
    case EPERM:
      return fail(ErrorCode::kPermissionDenied,
                  "{} {} is {}'s; only that user or root may send it signals", process.pid,
                  process.name, process.user);
    case ENOSYS:
      return fail(ErrorCode::kUnsupported, "this kernel is too old to do that safely (before 5.3)");
    default:
      return fail(ErrorCode::kIoError, "{} {}: {}", process.pid, process.name,
                  std::generic_category().message(error));
  }
}

}  // namespace

Result<void> send_signal(const ProcessFigures& process, int signal) {
  if (process.pid <= 0 || process.members > 0)
    return fail(ErrorCode::kInvalidArgument, "this is no single process");
  const ProcessFile file(process.pid);
  if (!file.is_open()) return failure(process, errno);
  // The file is open: if the number stands for the same process still, so does the file.
  if (start_ticks_of(process.pid) != process.start_ticks) return failure(process, ESRCH);
  if (!file.send(signal)) return failure(process, errno);
  return {};
}

}  // namespace livedata::cli::top
