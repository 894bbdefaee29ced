#pragma once

#include <atomic>
#include <csignal>
#include <thread>

#include "base/deadline.h"

namespace livedata::cli {

/// Lets Ctrl-C and SIGTERM cancel a deadline, so that what the command has made is taken away
/// again; the second one ends the process at once. To be made before other threads: they inherit
/// that the signals are not theirs.
class Interrupt {
 public:
  explicit Interrupt(const Deadline& deadline);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// What the process exits with when it was interrupted, as a shell says it; 0 if it was not.
  [[nodiscard]] int exit_code() const { return signal_ == 0 ? 0 : 128 + signal_; }

 private:
  void wait(const Deadline& deadline);

  sigset_t signals_{};
  sigset_t before_{};
  std::atomic<int> signal_ = 0;
  std::atomic<bool> is_over_ = false;
  std::thread waiter_;
};

}  // namespace livedata::cli
