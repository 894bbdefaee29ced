#include "collect/custom/command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>

#include "base/cut_text.h"

namespace livedata::collect::custom {
namespace {

constexpr std::size_t kMaxComplaintBytes = 200;
constexpr std::size_t kMaxErrorBytes = 4096;          // that are looked at for the first line
constexpr auto kAsk = std::chrono::milliseconds(50);  // for the end of what nothing tells of
constexpr auto kLong = std::chrono::hours(24);

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void reset(int fd) {
    close();
    fd_ = fd;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor ours;
  Descriptor theirs;
  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    ours.reset(ends[0]);
    theirs.reset(ends[1]);
    return ::fcntl(ours.get(), F_SETFL, O_NONBLOCK) == 0;
  }
};

class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  void set(const std::string& folder, int output, int errors) {
    ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    // The server's threads block signals and ignore SIGPIPE, which programs inherit.
    sigset_t none{};
    sigset_t all{};
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  }
  /// 0, or what went wrong.
  int spawn(pid_t& pid, std::vector<std::string> words, std::vector<std::string> environment) {
    const auto pointers = [](std::vector<std::string>& texts) {
      std::vector<char*> all;
      all.reserve(texts.size() + 1);
      for (std::string& text : texts) all.push_back(text.data());
      all.push_back(nullptr);
      return all;
    };
    const std::vector<char*> arguments = pointers(words);
    const std::vector<char*> variables = pointers(environment);
    return ::posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments.data(),
                          variables.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> environment_of(const Command& command) {
  const char* const home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  std::vector<std::string> variables = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
      fmt::format("HOME={}", home == nullptr ? "/" : home)};
  for (const auto& [name, value] : command.environment) {
    const std::string prefix = fmt::format("{}=", name);
    std::erase_if(variables, [&](const std::string& v) { return v.starts_with(prefix); });
    variables.push_back(prefix + value);
  }
  return variables;
}

/// A command while it runs.
class Running {
 public:
  Running(const Command& command, const WorkLimit& limit) : command_(command), limit_(limit) {}
  /// Kills what is left.
  ~Running() { reap(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Result<void> start() {
    if (!output_.open() || !errors_.open())
      return fail(ErrorCode::kUnavailable, "can't open a pipe: {}", message_of(errno));
    SpawnSettings settings;
    settings.set(command_.folder, output_.theirs.get(), errors_.theirs.get());
    pid_t pid = -1;
    const int error = settings.spawn(pid, command_.words, environment_of(command_));
    output_.theirs.close();
    errors_.theirs.close();
    if (error != 0)
      return fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                  "can't run {} in {}: {}", command_.words.front(), command_.folder,
                  message_of(error));
    pid_ = pid;
    // Since Linux 5.3; without it the process is asked from time to time.
    process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    return {};
  }

  /// Reads until the command has ended, and what it had written by then.
  Result<void> read() {
    for (;;) {
      std::array<pollfd, 4> fds = {{{.fd = output_.ours.get(), .events = POLLIN, .revents = 0},
                                    {.fd = errors_.ours.get(), .events = POLLIN, .revents = 0},
                                    {.fd = process_.get(), .events = POLLIN, .revents = 0},
                                    {}}};
      auto waited = limit_.wait(fds, process_.get() < 0 ? std::chrono::nanoseconds(kAsk) : kLong);
      if (!waited) return waited;
      const bool ended = has_ended();
      LIVEDATA_RETURN_IF_ERROR(drain(output_, result.output, command_.max_output_bytes, true));
      LIVEDATA_RETURN_IF_ERROR(drain(errors_, error_text_, kMaxErrorBytes, false));
      if (ended) return {};
    }
  }

  /// Ends the session, and waits for the command.
  void reap() {
    if (pid_ < 0) return;
    // As long as the leader is not waited for, nobody else can have its number.
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    int status = 0;
    rusage usage{};
    while (::wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    result.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    result.complaint = complaint();
  }

  CommandResult result;

 private:
  static std::string message_of(int error) { return std::generic_category().message(error); }

  [[nodiscard]] bool has_ended() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  }

  /// Reads what is there. What is beyond `most` is a mistake, or else left out.
  static Result<void> drain(Pipe& pipe, std::string& text, std::size_t most, bool is_bound) {
    std::array<char, 16'384> piece;  // NOLINT: read() fills it
    std::size_t left_out = 0;
    while (pipe.ours.get() >= 0 && left_out < most) {
      const ssize_t size = ::read(pipe.ours.get(), piece.data(), piece.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0 && errno == EAGAIN) break;
      if (size <= 0) {
        pipe.ours.close();
        break;
      }
      const auto count = static_cast<std::size_t>(size);
      const std::size_t kept = std::min(count, most - text.size());
      if (kept < count && is_bound)
        return fail(ErrorCode::kTooLarge, "there was more than {} bytes of output", most);
      text.append(piece.data(), kept);
      left_out += count - kept;
    }
    return {};
  }

  [[nodiscard]] std::string complaint() const {
    std::string_view text = error_text_;
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    text = text.substr(begin, text.find('\n', begin) - begin);
    while (text.ends_with('\r') || text.ends_with(' ')) text.remove_suffix(1);
    return std::string(cut_text(text, kMaxComplaintBytes));
  }

  const Command& command_;
  const WorkLimit& limit_;
  Pipe output_;
  Pipe errors_;
  Descriptor process_;
  std::string error_text_;
  pid_t pid_ = -1;
};

}  // namespace

Result<CommandResult> run_command(const Command& command, const WorkLimit& limit,
                                  double& cpu_seconds) {
  Running running(command, limit);
  LIVEDATA_RETURN_IF_ERROR(running.start());
  auto read = running.read();
  running.reap();
  cpu_seconds = running.result.cpu_seconds;
  if (!read) {
    if (!running.result.complaint.empty())
      read.error().message += fmt::format("; it said: {}", running.result.complaint);
    return fail(std::move(read).error());
  }
  return std::move(running.result);
}

}  // namespace livedata::collect::custom
