#include "ingest/line_clock.h"

#include "ingest/log_time.h"

namespace livedata::ingest {
namespace {

// Lines that are out of order by more times than this may meet again at one nanosecond.
constexpr std::size_t kMaxTimes = 1024;

}  // namespace

TimestampNs LineClock::next(std::string_view line, TimestampNs now) {
  const auto stated = parse_log_time(line, now);
  if (stated && *stated <= now + max_future_) base_ = stated;
  const TimestampNs base = base_.value_or(now);
  const auto [free, is_new] = next_free_.emplace(base, base);
  const TimestampNs time = free->second++;
  if (is_new && next_free_.size() > kMaxTimes) {
    const auto oldest = next_free_.begin();
    next_free_.erase(oldest == free ? std::next(oldest) : oldest);
  }
  return time;
}

}  // namespace livedata::ingest
