#include "server/http/event_stream.h"

#include <utility>

namespace livedata::server {
namespace {

constexpr std::size_t kMaxDroppedEntries = 100;

}  // namespace

void EventStream::push(std::string data, std::vector<DroppedEntry> entries) {
  const MutexLock lock(mutex_);
  if (closed_) return;
  queued_bytes_ += data.size();
  queue_.push_back({std::move(data), std::move(entries)});
  while (queued_bytes_ > max_queued_bytes_ && queue_.size() > 1) {
    queued_bytes_ -= queue_.front().data.size();
    for (DroppedEntry& entry : queue_.front().entries) {
      if (dropped_entries_.size() < kMaxDroppedEntries)
        dropped_entries_.push_back(std::move(entry));
    }
    queue_.pop_front();
    ++dropped_;
  }
  if (wake_) wake_();
}

void EventStream::count_dropped(std::uint64_t events) {
  const MutexLock lock(mutex_);
  dropped_ += events;
}

std::deque<std::string> EventStream::take() {
  const MutexLock lock(mutex_);
  std::deque<std::string> out;
  for (Event& event : queue_) out.push_back(std::move(event.data));
  queue_.clear();
  queued_bytes_ = 0;
  return out;
}

std::uint64_t EventStream::take_dropped() {
  const MutexLock lock(mutex_);
  return std::exchange(dropped_, 0);
}

std::vector<DroppedEntry> EventStream::take_dropped_entries() {
  const MutexLock lock(mutex_);
  return std::exchange(dropped_entries_, {});
}

void EventStream::close() {
  const MutexLock lock(mutex_);
  closed_ = true;
  wake_ = nullptr;
  queue_.clear();
}

bool EventStream::closed() const {
  const MutexLock lock(mutex_);
  return closed_;
}

void EventStream::on_push(std::function<void()> wake) {
  const MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace livedata::server
