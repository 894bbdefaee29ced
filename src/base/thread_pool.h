#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace livedata {

/// Added to the process's nice value: what a thread gets of a busy machine. kLow is for work that
/// somebody waits for, about a fifth of a normal thread's share; kIdle for work that can wait, a
/// tenth.
enum class Priority { kNormal = 0, kLow = 7, kIdle = 10 };

/// A fixed number of threads that run tasks in the order they came. The queue is bounded by
/// `max_queued`. Destruction runs what is queued and joins. Thread-safe.
class ThreadPool {
 public:
  ThreadPool(const std::string& thread_name, std::size_t num_threads, std::size_t max_queued,
             Priority priority = Priority::kNormal);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// False when the queue is full: the task was not taken, and the caller must refuse its work.
  [[nodiscard]] bool try_submit(std::function<void()> task) LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t num_threads() const { return threads_.size(); }
  [[nodiscard]] std::size_t num_queued() const LIVEDATA_EXCLUDES(mutex_);

 private:
  void work();

  const std::size_t max_queued_;
  mutable Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_ LIVEDATA_GUARDED_BY(mutex_);
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

/// Calls run(i) for every i below count, on the pool's threads and on the calling one, and returns
/// when all calls have. run must not throw. Tasks that the pool has no room for run on the calling
/// thread.
void parallel_for(ThreadPool& pool, std::size_t count, const std::function<void(std::size_t)>& run);

/// Names the calling thread for ps, top and debuggers (15 characters).
void name_this_thread(const std::string& name);

void set_priority_of_this_thread(Priority priority);

}  // namespace livedata
