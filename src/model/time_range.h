#pragma once

#include <algorithm>

#include "base/clock.h"

namespace livedata {

/// Half open: start is inside, end is not.
struct TimeRange {
  TimestampNs start = 0;
  TimestampNs end = 0;

  [[nodiscard]] bool empty() const { return end <= start; }
  [[nodiscard]] bool contains(TimestampNs time) const { return start <= time && time < end; }
  /// Whether any time lies both in this range and in [first, last], where last is inside.
  [[nodiscard]] bool meets(TimestampNs first, TimestampNs last) const {
    return first < end && start <= last;
  }
  bool operator==(const TimeRange&) const = default;
};

}  // namespace livedata
