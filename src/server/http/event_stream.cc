#include "server/http/event_stream.h"

#include <utility>

namespace livedata::server {

void EventStream::push(std::string data) {
  const MutexLock lock(mutex_);
  if (closed_) return;
  queued_bytes_ += data.size();
  queue_.push_back(std::move(data));
  while (queued_bytes_ > max_queued_bytes_ && queue_.size() > 1) {
    queued_bytes_ -= queue_.front().size();
    queue_.pop_front();
    ++dropped_;
  }
  if (wake_) wake_();
}

void EventStream::count_dropped(std::uint64_t events) {
  const MutexLock lock(mutex_);
  dropped_ += events;
}

std::string EventStream::take() {
  std::deque<std::string> events;
  {
    const MutexLock lock(mutex_);
    events.swap(queue_);
    queued_bytes_ = 0;
  }
  std::string out;
  for (const std::string& event : events) out += "data: " + event + "\n\n";
  return out;
}

std::uint64_t EventStream::take_dropped() {
  const MutexLock lock(mutex_);
  return std::exchange(dropped_, 0);
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
