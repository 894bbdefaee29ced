#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace livedata::storage {

/// Spreads work over time: so many bytes per second, without saving up what was not used. Not
/// thread-safe.
class Throttle {
 public:
  /// 0: no bound.
  explicit Throttle(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  /// How long to wait after this many bytes of work, which ended `now`.
  std::chrono::nanoseconds take(std::uint64_t bytes, std::chrono::steady_clock::time_point now) {
    if (bytes_per_second_ == 0) return std::chrono::nanoseconds(0);
    const std::chrono::duration<double> share(static_cast<double>(bytes) /
                                              static_cast<double>(bytes_per_second_));
    // Work that took longer than its share owes nothing.
    free_at_ =
        std::max(free_at_ + std::chrono::duration_cast<std::chrono::nanoseconds>(share), now);
    return free_at_ - now;
  }

 private:
  std::uint64_t bytes_per_second_;
  std::chrono::steady_clock::time_point free_at_;
};

}  // namespace livedata::storage
