#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "base/clock.h"

namespace livedata::collect::remote {

/// How far another machine's clock is ahead of this one's. A reading of it was taken between two
/// times of ours, so each gives bounds; together they are as tight as the shortest round trip, and
/// tighter than a second even of clocks that show seconds only. Not thread-safe.
class ClockSkew {
 public:
  /// The clock there showed something from `earliest` to `latest` at a time between `asked` and
  /// `answered` here.
  void add(TimestampNs asked, TimestampNs answered, TimestampNs earliest, TimestampNs latest) {
    const TimestampNs least = earliest - answered;
    const TimestampNs most = latest - asked;
    if (!known_ || least > most_ || most < least_) {
      // The first one, or a clock was set or has drifted.
      least_ = least;
      most_ = most;
      known_ = true;
      return;
    }
    least_ = std::max(least_, least);
    most_ = std::min(most_, most);
  }

  /// Nanoseconds that the other clock is ahead; nothing before the first reading.
  [[nodiscard]] std::optional<TimestampNs> ahead() const {
    if (!known_) return std::nullopt;
    return least_ + (most_ - least_) / 2;
  }
  /// By how much ahead() may be wrong.
  [[nodiscard]] TimestampNs uncertainty() const { return (most_ - least_) / 2; }
  /// What to take off the other machine's times: nothing while the clocks agree within `threshold`.
  [[nodiscard]] TimestampNs correction(TimestampNs threshold) const {
    const auto by = ahead();
    if (!by || std::abs(*by) <= threshold + uncertainty()) return 0;
    return *by;
  }

 private:
  bool known_ = false;
  TimestampNs least_ = 0;
  TimestampNs most_ = 0;
};

/// In seconds, rounded to milliseconds: as much as a record tells of a correction.
inline double whole_milliseconds(TimestampNs time) {
  return std::round(static_cast<double>(time) / 1e6) / 1e3;
}

}  // namespace livedata::collect::remote
