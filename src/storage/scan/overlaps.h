#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "model/labels.h"

namespace livedata::storage {

/// Times at which a stream has records in two or more sources (segments, batches of the head): only
/// there can a record be present twice, so only there a scan must compare records. Closed
/// intervals.
class Overlaps {
 public:
  struct Interval {
    TimestampNs first = 0;
    TimestampNs last = 0;  ///< inclusive
  };

  /// One source has records of the stream from `first` to `last`.
  void add(const StreamId& stream, TimestampNs first, TimestampNs last);
  /// Computes the overlaps of all that was added. Call once, after the last add().
  void finish();

  /// Overlaps of a stream, ascending; empty for most. Valid as long as this object.
  [[nodiscard]] std::span<const Interval> of(const StreamId& stream) const;

 private:
  std::unordered_map<StreamId, std::vector<Interval>> by_stream_;
};

/// Whether the time lies in one of the ascending intervals.
bool contains(std::span<const Overlaps::Interval> intervals, TimestampNs time);

}  // namespace livedata::storage
