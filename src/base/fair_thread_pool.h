#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace livedata {

/// A fixed number of threads, at low priority, that take tasks from one queue per key (such as a
/// tenant) in turn: who has many tasks waits for his own. Each queue is bounded. Destruction runs
/// what is queued and joins. Thread-safe.
class FairThreadPool {
 public:
  FairThreadPool(const std::string& thread_name, std::size_t num_threads,
                 std::size_t max_queued_per_key);
  ~FairThreadPool();
  FairThreadPool(const FairThreadPool&) = delete;
  FairThreadPool& operator=(const FairThreadPool&) = delete;

  /// False when the key's queue is full: the task was not taken, and the caller must refuse its
  /// work.
  [[nodiscard]] bool try_submit(const std::string& key, std::function<void()> task)
      LIVEDATA_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t num_queued() const LIVEDATA_EXCLUDES(mutex_);

 private:
  using Queues = std::map<std::string, std::deque<std::function<void()>>>;

  void work();
  std::function<void()> take_next() LIVEDATA_REQUIRES(mutex_);

  const std::size_t max_queued_per_key_;
  mutable Mutex mutex_;
  std::condition_variable wake_;
  Queues queues_ LIVEDATA_GUARDED_BY(mutex_);  // none is empty
  std::string last_key_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t num_queued_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace livedata
