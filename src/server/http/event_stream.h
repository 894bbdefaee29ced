#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/mutex.h"

namespace livedata::server {

/// Server-sent events on their way to one client: whoever has news pushes, the connection takes.
/// The queue is bounded; for a client that reads too slowly the oldest events go, and are counted.
/// Thread-safe.
class EventStream {
 public:
  explicit EventStream(std::size_t max_queued_bytes) : max_queued_bytes_(max_queued_bytes) {}

  /// Queues an event's data (one line) and wakes the connection.
  void push(std::string data) LIVEDATA_EXCLUDES(mutex_);
  /// Counts events that were dropped before they came here.
  void count_dropped(std::uint64_t events) LIVEDATA_EXCLUDES(mutex_);
  /// All queued events, as bytes to be sent; empty when there are none.
  [[nodiscard]] std::string take() LIVEDATA_EXCLUDES(mutex_);
  /// Events dropped since the last call.
  [[nodiscard]] std::uint64_t take_dropped() LIVEDATA_EXCLUDES(mutex_);

  /// The client has gone; pushes do nothing from now on.
  void close() LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] bool closed() const LIVEDATA_EXCLUDES(mutex_);

  /// The connection's way to be woken; called from any thread, with the stream's lock held.
  void on_push(std::function<void()> wake) LIVEDATA_EXCLUDES(mutex_);

 private:
  const std::size_t max_queued_bytes_;
  mutable Mutex mutex_;
  std::deque<std::string> queue_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  bool closed_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::function<void()> wake_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::server
