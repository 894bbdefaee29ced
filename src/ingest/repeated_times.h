#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace livedata::ingest {

/// Gives the records of one source, such as a file, times that differ and keep their order. The
/// store takes two records with the same stream, time and line for one that was sent twice; of a
/// file they are two. A time that was given already, or that falls back by less than a second,
/// becomes 1 ns more than the last one. Times further apart, as of programs that share a file and
/// disagree about the hour, are told apart: the last few of them are remembered. Not thread-safe.
class RepeatedTimes {
 public:
  static constexpr std::size_t kNumMarks = 4;
  using Marks = std::array<TimestampNs, kNumMarks>;

  TimestampNs next(TimestampNs stated) {
    std::size_t i = 0;
    while (i + 1 < kNumMarks && !is_near(stated, marks_[i])) ++i;
    const TimestampNs given = is_near(stated, marks_[i]) ? std::max(marks_[i] + 1, stated) : stated;
    std::rotate(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(i),
                marks_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    marks_[0] = given;
    return given;
  }

  /// To go on with after a restart.
  [[nodiscard]] const Marks& marks() const { return marks_; }
  void set_marks(const Marks& marks) { marks_ = marks; }

 private:
  static constexpr std::uint64_t kNear = kNsPerSecond;
  static constexpr TimestampNs kNone = INT64_MIN;

  static bool is_near(TimestampNs stated, TimestampNs mark) {
    if (mark == kNone) return false;
    const auto a = static_cast<std::uint64_t>(stated);
    const auto b = static_cast<std::uint64_t>(mark);
    return stated > mark ? a - b < kNear : b - a < kNear;
  }

  Marks marks_ = {kNone, kNone, kNone, kNone};  // the one used last first
};

}  // namespace livedata::ingest
