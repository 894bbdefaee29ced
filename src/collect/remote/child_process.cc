#include "collect/remote/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace livedata::collect::remote {
namespace {

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

/// Three pipes, closed at the end unless they are taken.
struct Pipes {
  std::array<std::array<int, 2>, 3> ends = {{{-1, -1}, {-1, -1}, {-1, -1}}};
  Pipes() = default;
  ~Pipes() {
    for (auto& pair : ends) {
      close_fd(pair[0]);
      close_fd(pair[1]);
    }
  }
  Pipes(const Pipes&) = delete;
  Pipes& operator=(const Pipes&) = delete;

  bool open() {
    for (auto& pair : ends) {
      if (::pipe2(pair.data(), O_CLOEXEC) != 0) return false;
    }
    return true;
  }
  /// The end of ours, which is given away.
  int take(std::size_t stream) {
    int& fd = ends[stream][stream == 0 ? 1 : 0];
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    return std::exchange(fd, -1);
  }
};

struct SpawnSettings {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  /// The server's threads block signals and ignore SIGPIPE, which programs inherit.
  void reset_signals() {
    sigset_t none{};
    sigset_t all{};
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(
        &attributes,
        static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  }
};

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command) {
  Pipes pipes;
  if (!pipes.open()) {
    return fail(ErrorCode::kResourceExhausted, "can't open a pipe: {}",
                std::generic_category().message(errno));
  }
  SpawnSettings settings;
  settings.reset_signals();
  for (int stream = 0; stream < 3; ++stream) {
    const auto i = static_cast<std::size_t>(stream);
    ::posix_spawn_file_actions_adddup2(&settings.actions, pipes.ends[i][i == 0 ? 0 : 1], stream);
  }
  constexpr int kFirstOther = 3;
  ::posix_spawn_file_actions_addclosefrom_np(&settings.actions, kFirstOther);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) {
    words.push_back(const_cast<char*>(word.c_str()));  // NOLINT: posix_spawn does not write
  }
  words.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, words[0], &settings.actions, &settings.attributes,
                                   words.data(), environ);
  if (error != 0) {
    return fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                "can't run {}: {}", command.front(), std::generic_category().message(error));
  }
  return ChildProcess(pid, pipes.take(0), pipes.take(1), pipes.take(2));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      code_(other.code_) {}

ChildProcess::~ChildProcess() {
  close_fd(input_);
  close_fd(output_);
  close_fd(errors_);
  if (pid_ < 0) return;
  kill();
  if (code_) return;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::kill() {
  // Its session is its process group, which lives as long as any of its members.
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

std::optional<int> ChildProcess::exit_code() {
  if (code_ || pid_ < 0) return code_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return code_;
}

}  // namespace livedata::collect::remote
