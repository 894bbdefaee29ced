#pragma once

#include <chrono>
#include <functional>

#include "base/deadline.h"
#include "base/result.h"

namespace livedata::archive::s3 {

/// How often and when a request is tried again: exponential back-off with full jitter, so that many
/// clients of a server that was down don't come back at the same time.
struct RetryPolicy {
  int max_attempts = 8;
  std::chrono::milliseconds first_pause{200};
  std::chrono::milliseconds longest_pause{20'000};
  /// Between 0 and 1; called by several threads.
  std::function<double()> jitter = {};
  /// Waits, or returns the deadline's error.
  std::function<Result<void>(std::chrono::nanoseconds, const Deadline&)> pause = {};

  /// With the random numbers and the time of the machine.
  static RetryPolicy usual();

  /// The pause after this many attempts have failed; `asked` is what the server wants at least.
  [[nodiscard]] std::chrono::nanoseconds pause_after(int failed, std::chrono::seconds asked) const;
};

}  // namespace livedata::archive::s3
