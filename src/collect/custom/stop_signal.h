#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace livedata::collect::custom {

/// Tells threads that wait for something else to give up. Thread-safe.
class StopSignal {
 public:
  StopSignal() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~StopSignal() {
    if (fd_ >= 0) ::close(fd_);
  }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// For good.
  void raise() const {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(fd_, &one, sizeof(one)));
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// When something must be done, and who may end it before.
struct WorkLimit {
  std::chrono::steady_clock::time_point deadline;
  const StopSignal& stop;

  /// Waits until one of the descriptors is ready, or `most` has passed. kDeadlineExceeded or
  /// kCancelled if it is over. The last element of `fds` is ours to fill.
  Result<void> wait(std::span<pollfd> fds, std::chrono::nanoseconds most) const {
    using std::chrono::milliseconds;
    fds.back() = {.fd = stop.fd(), .events = POLLIN, .revents = 0};
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) return fail(ErrorCode::kDeadlineExceeded, "the time limit has passed");
    const auto time =
        std::chrono::ceil<milliseconds>(std::min<std::chrono::nanoseconds>(left, most));
    const int ready = ::poll(fds.data(), fds.size(),
                             static_cast<int>(std::min(time, milliseconds(60'000)).count()));
    if (ready < 0 && errno != EINTR) return fail(ErrorCode::kInternal, "poll() failed");
    if (ready > 0 && fds.back().revents != 0) return fail(ErrorCode::kCancelled, "stopping");
    return {};
  }
};

}  // namespace livedata::collect::custom
