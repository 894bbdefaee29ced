#include "cli/terminal/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

namespace livedata::cli::terminal {
namespace {

// Alternate screen, no wrapping at the last column, no cursor.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[2J";
// The update that may have been begun ends; then the other way round.
constexpr std::string_view kLeave = "\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

constexpr std::array kStopSignals = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
constexpr std::array kOtherSignals = {SIGWINCH, SIGCONT, SIGTSTP};
constexpr std::array kCrashSignals = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      pollfd ready{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, 100);
      continue;
    }
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// What a crash puts back. A signal handler can reach nothing else than what is static.
struct Emergency {
  std::atomic<bool> armed = false;
  termios modes{};
};
Emergency emergency;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// Makes async-signal-safe calls alone; the default action follows (SA_RESETHAND).
extern "C" void put_back_after_crash(int signal) {
  if (emergency.armed.exchange(false)) {
    [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, kLeave.data(), kLeave.size());
    ::tcsetattr(STDIN_FILENO, TCSANOW, &emergency.modes);
  }
  ::raise(signal);
}

void catch_crashes() {
  for (const int signal : kCrashSignals) {
    struct sigaction action{};
    action.sa_handler = put_back_after_crash;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    ::sigaction(signal, &action, nullptr);
  }
}

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool is_utf8(std::string_view locale) {
  return locale.find("UTF-8") != std::string_view::npos ||
         locale.find("utf8") != std::string_view::npos ||
         locale.find("UTF8") != std::string_view::npos ||
         locale.find("utf-8") != std::string_view::npos;
}

}  // namespace

PaintOptions paint_options_of_environment() {
  PaintOptions options;
  const std::string_view term = environment("TERM");
  const bool has_all = term.find("256color") != std::string_view::npos ||
                       term.find("direct") != std::string_view::npos ||
                       !environment("COLORTERM").empty();
  // https://no-color.org: any value that is not empty.
  options.colors = !environment("NO_COLOR").empty() || term.starts_with("vt1") ? Colors::kNone
                   : has_all                                                   ? Colors::kAll
                                                                               : Colors::kSixteen;
  std::string_view locale = environment("LC_ALL");
  if (locale.empty()) locale = environment("LC_CTYPE");
  if (locale.empty()) locale = environment("LANG");
  options.utf8 = is_utf8(locale);
  return options;
}

class Terminal::Impl {
 public:
  Impl() {
    ::tcgetattr(STDIN_FILENO, &before_);
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : kStopSignals) ::sigaddset(&signals, signal);
    for (const int signal : kOtherSignals) ::sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, &signals_before_);
    signals_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    emergency.modes = before_;
    catch_crashes();
    enter();
  }
  ~Impl() {
    leave();
    for (const int signal : kCrashSignals) ::signal(signal, SIG_DFL);
    ::close(signals_);
    ::pthread_sigmask(SIG_SETMASK, &signals_before_, nullptr);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Events wait(std::chrono::milliseconds timeout, int other) {
    std::array<pollfd, 3> files = {{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                    {.fd = signals_, .events = POLLIN, .revents = 0},
                                    {.fd = other, .events = POLLIN, .revents = 0}}};
    Events events;
    if (::poll(files.data(), files.size(), static_cast<int>(timeout.count())) <= 0) return events;
    events.input = files[0].revents != 0;
    events.notified = files[2].revents != 0;
    signalfd_siginfo info{};
    while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
      take_signal(static_cast<int>(info.ssi_signo), events);
    return events;
  }

  std::string_view read() {
    const ssize_t size = ::read(STDIN_FILENO, input_.data(), input_.size());
    return {input_.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  void suspend() {
    leave();
    // SIGTSTP is blocked, for signalfd; SIGSTOP is what its default action does.
    ::raise(SIGSTOP);
    enter();
  }

 private:
  void take_signal(int signal, Events& events) {
    if (signal == SIGWINCH) {
      events.resized = true;
    } else if (signal == SIGCONT) {
      enter();  // whoever ran meanwhile may have changed the modes
      events.resized = true;
    } else if (signal == SIGTSTP) {
      suspend();
      events.resized = true;
    } else {
      events.stop_signal = signal;
    }
  }

  void enter() {
    termios raw = before_;
    ::cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    // Not TCSAFLUSH: after a stop this comes twice, and keys between the two must not get lost.
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    emergency.armed = true;
    write_all(kEnter);
  }

  void leave() {
    if (!emergency.armed.exchange(false)) return;
    write_all(kLeave);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

  termios before_{};
  sigset_t signals_before_{};
  int signals_ = -1;
  std::array<char, 1024> input_{};
};

Result<std::unique_ptr<Terminal>> Terminal::open() {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0)
    return fail(ErrorCode::kInvalidArgument, "this is no terminal");
  const std::string_view term = environment("TERM");
  if (term.empty() || term == "dumb") {
    return fail(ErrorCode::kInvalidArgument,
                "the terminal can't show a page (TERM is '{}'); set TERM", term);
  }
  return std::unique_ptr<Terminal>(
      new Terminal(std::make_unique<Impl>()));  // NOLINT: the constructor is private
}

Terminal::Terminal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Terminal::~Terminal() = default;

Size Terminal::size() const {
  winsize window{};
  constexpr Size kUsual = {80, 24};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0)
    return kUsual;
  return {window.ws_col, window.ws_row};
}

Terminal::Events Terminal::wait(std::chrono::milliseconds timeout, int other) {
  return impl_->wait(timeout, other);
}

std::string_view Terminal::read() { return impl_->read(); }

bool Terminal::write(std::string_view bytes) { return write_all(bytes); }

void Terminal::suspend() { impl_->suspend(); }

}  // namespace livedata::cli::terminal
