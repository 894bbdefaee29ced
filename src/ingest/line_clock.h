#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace livedata::ingest {

/// Gives the lines of one text their times. A line that states none belongs to the line before it,
/// as the rest of a stack trace does. Lines with one time are set a nanosecond apart each: they
/// keep their order, and equal ones are not taken for one line that was sent twice. The same text
/// has the same times again. Not thread-safe.
class LineClock {
 public:
  /// `start`: the time of lines before the first one that states a time; without it they are of
  /// their arrival. Times more than `max_future` after the arrival are a wrong clock's, and count
  /// as none.
  LineClock(std::optional<TimestampNs> start, TimestampNs max_future)
      : base_(start), max_future_(max_future) {}

  TimestampNs next(std::string_view line, TimestampNs now);

 private:
  std::optional<TimestampNs> base_;
  TimestampNs max_future_;
  std::map<TimestampNs, TimestampNs> next_free_;  // of the latest stated times
};

}  // namespace livedata::ingest
