#pragma once

#include <optional>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/lru_cache.h"
#include "base/mutex.h"

namespace livedata::ingest::fluent {

/// Gives events whose times are whole seconds a nanosecond each of their own, whichever connections
/// they come from: they keep their order, and equal ones stay two. Bounded: of the seconds, and of
/// the messages, the latest are remembered. Thread-safe.
class WholeSeconds {
 public:
  /// The first of `count` nanoseconds from `second` on that are nobody else's. `message` stands for
  /// one that its sender may send again; it gets the same ones then.
  TimestampNs reserve(TimestampNs second, std::size_t count, const std::optional<Hash128>& message)
      LIVEDATA_EXCLUDES(mutex_);

 private:
  using Reservation = std::pair<Hash128, TimestampNs>;

  Mutex mutex_;  // one reservation at a time
  LruCache<TimestampNs, TimestampNs> next_free_{1_MiB};
  LruCache<Reservation, TimestampNs> reserved_{4_MiB};
};

/// The same for the events of one message, in the order of the message. Not thread-safe.
class MessageTimes {
 public:
  MessageTimes(WholeSeconds& seconds, const std::optional<Hash128>& message)
      : seconds_(seconds), message_(message) {}

  /// That there will be an event of this second. Only seconds that are expected as often as they
  /// are taken are the same when the message comes again.
  void expect(TimestampNs second) { ++expected_[second]; }
  /// The time of the next event of this second.
  TimestampNs take(TimestampNs second);

 private:
  struct Range {
    TimestampNs next = 0;
    TimestampNs end = 0;
  };

  WholeSeconds& seconds_;
  const std::optional<Hash128> message_;
  std::unordered_map<TimestampNs, std::size_t> expected_;
  std::unordered_map<TimestampNs, Range> ranges_;
};

}  // namespace livedata::ingest::fluent
