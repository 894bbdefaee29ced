#pragma once

#include <algorithm>
#include <chrono>

namespace livedata::tenant {

/// How much may come in the long run, and at once.
struct Rate {
  double per_second = 0;  ///< 0: no bound
  double burst = 0;       ///< what may come at once after a quiet time; at least a second's worth

  [[nodiscard]] bool is_bounded() const { return per_second > 0; }
  bool operator==(const Rate&) const = default;
};

/// Lets through what a rate allows. Starts full, fills steadily by a clock that never goes back, up
/// to the burst. A portion larger than the burst is let through when the bucket is full, and leaves
/// it in debt: so nothing is refused for ever, and the rate holds in the long run. Not thread-safe.
class TokenBucket {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  TokenBucket(const Rate& rate, TimePoint now)
      : rate_{.per_second = rate.per_second, .burst = std::max(rate.burst, rate.per_second)},
        tokens_(rate_.burst),
        filled_(now) {}

  /// Takes all of a portion or nothing.
  bool take(double portion, TimePoint now) {
    fill(now);
    if (tokens_ < std::min(portion, rate_.burst)) return false;
    tokens_ -= portion;
    return true;
  }
  /// What was taken and not used after all.
  void give_back(double portion) { tokens_ = std::min(tokens_ + portion, rate_.burst); }

  /// How long until a portion would be let through, if nothing else comes.
  [[nodiscard]] std::chrono::nanoseconds wait_for(double portion, TimePoint now) {
    fill(now);
    const double missing = std::min(portion, rate_.burst) - tokens_;
    if (missing <= 0) return std::chrono::nanoseconds(0);
    return std::chrono::nanoseconds(static_cast<std::int64_t>(missing / rate_.per_second * 1e9) +
                                    1);
  }
  /// From 1, nothing is used, down to 0 and below, where nothing is let through.
  [[nodiscard]] double left(TimePoint now) {
    fill(now);
    return tokens_ / rate_.burst;
  }
  [[nodiscard]] double tokens(TimePoint now) {
    fill(now);
    return tokens_;
  }
  [[nodiscard]] const Rate& rate() const { return rate_; }

 private:
  void fill(TimePoint now) {
    if (now <= filled_) return;
    const double seconds = std::chrono::duration<double>(now - filled_).count();
    tokens_ = std::min(tokens_ + seconds * rate_.per_second, rate_.burst);
    filled_ = now;
  }

  Rate rate_;
  double tokens_;
  TimePoint filled_;
};

}  // namespace livedata::tenant
