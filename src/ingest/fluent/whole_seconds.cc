#include "ingest/fluent/whole_seconds.h"

#include <memory>

namespace livedata::ingest::fluent {
namespace {

// With the nodes of the cache's list and index.
constexpr std::size_t kEntryBytes = 192;

}  // namespace

TimestampNs WholeSeconds::reserve(TimestampNs second, std::size_t count,
                                  const std::optional<Hash128>& message) {
  const MutexLock lock(mutex_);
  if (message) {
    if (const auto earlier = reserved_.find({*message, second})) return *earlier;
  }
  const auto next = next_free_.find(second);
  const TimestampNs first = next ? *next : second;
  next_free_.insert(second,
                    std::make_shared<const TimestampNs>(first + static_cast<TimestampNs>(count)),
                    kEntryBytes);
  if (message) {
    reserved_.insert({*message, second}, std::make_shared<const TimestampNs>(first), kEntryBytes);
  }
  return first;
}

TimestampNs MessageTimes::take(TimestampNs second) {
  const auto [at, is_new] = ranges_.try_emplace(second);
  Range& range = at->second;
  if (is_new) {
    const auto expected = expected_.find(second);
    const std::size_t count = expected == expected_.end() ? 1 : expected->second;
    range.next = seconds_.reserve(second, count, message_);
    range.end = range.next + static_cast<TimestampNs>(count);
  } else if (range.next == range.end) {
    range.next = seconds_.reserve(second, 1, std::nullopt);
    range.end = range.next + 1;
  }
  return range.next++;
}

}  // namespace livedata::ingest::fluent
