#include "base/thread_pool.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <utility>

namespace livedata {

void name_this_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

ThreadPool::ThreadPool(const std::string& thread_name, std::size_t num_threads,
                       std::size_t max_queued, Priority priority)
    : max_queued_(max_queued) {
  threads_.reserve(num_threads);
  for (std::size_t i = 0; i < num_threads; ++i) {
    threads_.emplace_back([this, thread_name, priority] {
      name_this_thread(thread_name);
      set_priority_of_this_thread(priority);
      work();
    });
  }
}

ThreadPool::~ThreadPool() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::try_submit(std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    if (stopping_ || tasks_.size() >= max_queued_) return false;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

std::size_t ThreadPool::num_queued() const {
  const MutexLock lock(mutex_);
  return tasks_.size();
}

void ThreadPool::work() {
  MutexLock lock(mutex_);
  for (;;) {
    while (tasks_.empty() && !stopping_) lock.wait(wake_);
    if (tasks_.empty()) return;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

void parallel_for(ThreadPool& pool, std::size_t count,
                  const std::function<void(std::size_t)>& run) {
  // Helpers that start after the work is done find nothing left, so the state must outlive this
  // call.
  struct State {
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> done{0};
    Mutex mutex;
    std::condition_variable all_done;
  };
  const auto state = std::make_shared<State>();
  const auto take = [state, count, &run] {
    for (std::size_t i = state->next++; i < count; i = state->next++) {
      run(i);
      if (++state->done == count) {
        const MutexLock lock(state->mutex);
        state->all_done.notify_all();
      }
    }
  };
  for (std::size_t i = 1; i < count && i <= pool.num_threads(); ++i) {
    if (!pool.try_submit(take)) break;
  }
  take();
  MutexLock lock(state->mutex);
  while (state->done != count) lock.wait(state->all_done);
}

void set_priority_of_this_thread(Priority priority) {
  // On Linux a nice value belongs to a thread, and 0 means the calling one. A failure costs only
  // the courtesy.
  const int whole = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid()));
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, whole + static_cast<int>(priority)));
}

}  // namespace livedata
