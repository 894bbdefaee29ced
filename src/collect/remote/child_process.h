#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace livedata::collect::remote {

/// A program with pipes to its standard input, output and error, in a session of its own: it has no
/// terminal to ask on, and is ended together with what it has started. Move-only, not thread-safe.
class ChildProcess {
 public:
  /// `command`: the program, looked up in PATH, and its arguments. The pipes' ends here don't
  /// block.
  static Result<ChildProcess> start(const std::vector<std::string>& command);
  /// Kills what is left, and waits for it.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] int input() const { return input_; }
  [[nodiscard]] int output() const { return output_; }
  [[nodiscard]] int errors() const { return errors_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Sends SIGKILL to the program and its children.
  void kill();
  /// The exit code if it has ended, minus the signal's number if that has ended it. Does not wait.
  std::optional<int> exit_code();

 private:
  ChildProcess(pid_t pid, int input, int output, int errors)
      : pid_(pid), input_(input), output_(output), errors_(errors) {}

  pid_t pid_;
  int input_, output_, errors_;
  std::optional<int> code_;
};

}  // namespace livedata::collect::remote
