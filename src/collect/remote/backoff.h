#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace livedata::collect::remote {

/// How long to wait before the next try: 1 s, doubled with each failure up to a minute, and half of
/// it at random, so that machines that went together do not come back together.
class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}

  std::chrono::nanoseconds next() {
    const std::chrono::nanoseconds full = kFirst * (1U << std::min(failures_, kMaxDoublings));
    ++failures_;
    const auto half = std::min<std::chrono::nanoseconds>(full, kLongest).count() / 2;
    return std::chrono::nanoseconds(half +
                                    std::uniform_int_distribution<std::int64_t>(0, half)(random_));
  }
  void succeeded() { failures_ = 0; }

  static constexpr std::chrono::nanoseconds kFirst = std::chrono::seconds(1);
  static constexpr std::chrono::nanoseconds kLongest = std::chrono::seconds(60);

 private:
  static constexpr unsigned kMaxDoublings = 6;
  std::mt19937_64 random_;
  unsigned failures_ = 0;
};

}  // namespace livedata::collect::remote
