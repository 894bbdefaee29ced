#pragma once

#include <atomic>

#include "base/clock.h"

namespace livedata {

/// A clock that stands still until a test moves it. Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimestampNs start = 1'700'000'000 * kNsPerSecond) : now_(start) {}

  [[nodiscard]] TimestampNs now() const override { return now_; }
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(now_ - jumped_));
  }
  void advance(std::chrono::nanoseconds by) { now_ += by.count(); }
  void set(TimestampNs now) { now_ = now; }
  /// Moves the wall time alone, as an administrator or NTP does.
  void jump(std::chrono::nanoseconds by) {
    jumped_ += by.count();
    now_ += by.count();
  }

 private:
  std::atomic<TimestampNs> now_;
  std::atomic<TimestampNs> jumped_ = 0;
};

}  // namespace livedata
