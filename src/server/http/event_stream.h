#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"

namespace livedata::server {

/// A record that a client will not get.
struct DroppedEntry {
  std::string labels_json;
  TimestampNs timestamp = 0;
};

/// Texts on their way to one client, by server-sent events or a WebSocket: whoever has news pushes,
/// the connection takes. The queue is bounded; for a client that reads too slowly the oldest events
/// go, and are counted. Thread-safe.
class EventStream {
 public:
  explicit EventStream(std::size_t max_queued_bytes) : max_queued_bytes_(max_queued_bytes) {}

  /// Queues an event's data (one line) and wakes the connection. `entries` is what the client
  /// should hear of if the event must be dropped.
  void push(std::string data, std::vector<DroppedEntry> entries = {}) LIVEDATA_EXCLUDES(mutex_);
  /// Counts events that were dropped before they came here.
  void count_dropped(std::uint64_t events) LIVEDATA_EXCLUDES(mutex_);
  /// All queued events.
  [[nodiscard]] std::deque<std::string> take() LIVEDATA_EXCLUDES(mutex_);
  /// Events dropped since the last call.
  [[nodiscard]] std::uint64_t take_dropped() LIVEDATA_EXCLUDES(mutex_);
  /// Entries of dropped events since the last call; of very many only the first ones.
  [[nodiscard]] std::vector<DroppedEntry> take_dropped_entries() LIVEDATA_EXCLUDES(mutex_);

  /// The client has gone; pushes do nothing from now on.
  void close() LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] bool closed() const LIVEDATA_EXCLUDES(mutex_);

  /// The connection's way to be woken; called from any thread, with the stream's lock held.
  void on_push(std::function<void()> wake) LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Event {
    std::string data;
    std::vector<DroppedEntry> entries;
  };

  const std::size_t max_queued_bytes_;
  mutable Mutex mutex_;
  std::deque<Event> queue_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::vector<DroppedEntry> dropped_entries_ LIVEDATA_GUARDED_BY(mutex_);
  bool closed_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::function<void()> wake_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata::server
