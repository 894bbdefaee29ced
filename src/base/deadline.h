#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>

#include "base/result.h"

namespace livedata {

/// When work must end, and whether somebody asked it to stop. One value, copied down to everything
/// that may take long and checked once per block of work. Copies share the cancellation.
/// Thread-safe.
class Deadline {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Never expires, but can be cancelled.
  Deadline() : Deadline(TimePoint::max()) {}
  explicit Deadline(TimePoint at)
      : at_(at), cancelled_(std::make_shared<std::atomic<bool>>(false)) {}
  static Deadline after(std::chrono::nanoseconds duration) {
    return Deadline(std::chrono::steady_clock::now() + duration);
  }

  /// The same cancellation with a deadline `duration` from now, if that is earlier.
  [[nodiscard]] Deadline until(std::chrono::nanoseconds duration) const {
    Deadline sooner = *this;
    sooner.at_ = std::min(at_, std::chrono::steady_clock::now() + duration);
    return sooner;
  }

  void cancel() const { cancelled_->store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const { return cancelled_->load(std::memory_order_relaxed); }
  [[nodiscard]] bool expired() const {
    return at_ != TimePoint::max() && std::chrono::steady_clock::now() >= at_;
  }
  [[nodiscard]] TimePoint at() const { return at_; }

  /// kCancelled or kDeadlineExceeded, if either holds.
  [[nodiscard]] Result<void> check() const {
    if (cancelled()) return fail(ErrorCode::kCancelled, "the client went away");
    if (expired())
      return fail(ErrorCode::kDeadlineExceeded,
                  "the query took longer than its time limit; narrow its time range or selector");
    return {};
  }

 private:
  TimePoint at_;
  std::shared_ptr<std::atomic<bool>> cancelled_;
};

}  // namespace livedata
