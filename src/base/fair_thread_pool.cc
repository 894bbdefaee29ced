#include "base/fair_thread_pool.h"

#include <utility>

#include "base/thread_pool.h"

namespace livedata {

FairThreadPool::FairThreadPool(const std::string& thread_name, std::size_t num_threads,
                               std::size_t max_queued_per_key)
    : max_queued_per_key_(max_queued_per_key) {
  for (std::size_t i = 0; i < num_threads; ++i) {
    threads_.emplace_back([this, thread_name] {
      name_this_thread(thread_name);
      set_priority_of_this_thread(Priority::kLow);
      work();
    });
  }
}

FairThreadPool::~FairThreadPool() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool FairThreadPool::try_submit(const std::string& key, std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    const auto queue = queues_.find(key);
    if (stopping_ || (queue != queues_.end() && queue->second.size() >= max_queued_per_key_))
      return false;
    queues_[key].push_back(std::move(task));
    ++num_queued_;
  }
  wake_.notify_one();
  return true;
}

std::size_t FairThreadPool::num_queued() const {
  const MutexLock lock(mutex_);
  return num_queued_;
}

/// The oldest task of the key that comes after the last one served. Precondition: there is a task.
std::function<void()> FairThreadPool::take_next() {
  auto queue = queues_.upper_bound(last_key_);
  if (queue == queues_.end()) queue = queues_.begin();
  last_key_ = queue->first;
  std::function<void()> task = std::move(queue->second.front());
  queue->second.pop_front();
  if (queue->second.empty()) queues_.erase(queue);
  --num_queued_;
  return task;
}

void FairThreadPool::work() {
  MutexLock lock(mutex_);
  for (;;) {
    while (num_queued_ == 0 && !stopping_) lock.wait(wake_);
    if (num_queued_ == 0) return;
    const std::function<void()> task = take_next();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace livedata
