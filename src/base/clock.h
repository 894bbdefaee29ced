#pragma once

#include <chrono>
#include <cstdint>

namespace livedata {

/// Nanoseconds since the Unix epoch, UTC. Years 1678 to 2262.
using TimestampNs = std::int64_t;

constexpr TimestampNs kNsPerSecond = 1'000'000'000;

/// The time, as far as behaviour depends on it. Two implementations: SystemClock and, in tests,
/// FakeClock.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time; may jump in both directions.
  [[nodiscard]] virtual TimestampNs now() const = 0;
  /// For measuring durations; never goes back.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimestampNs now() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override;
};

}  // namespace livedata
