#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <string>
#include <thread>

#include "base/mutex.h"
#include "base/thread_pool.h"

namespace livedata {

/// A thread that calls a function at a steady beat until it is destroyed. Beats that a slow call
/// misses are left out, not made up for.
class Background {
 public:
  Background(std::string name, std::chrono::nanoseconds period, std::function<void()> beat)
      : thread_([this, name = std::move(name), period, beat = std::move(beat)] {
          name_this_thread(name);
          run(period, beat);
        }) {}
  ~Background() {
    {
      const MutexLock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

 private:
  void run(std::chrono::nanoseconds period, const std::function<void()>& beat) {
    auto next = std::chrono::steady_clock::now();
    MutexLock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      beat();
      const auto now = std::chrono::steady_clock::now();
      while (next <= now) next += period;
      lock.lock();
      while (!stopping_ && std::chrono::steady_clock::now() < next) {
        lock.wait_for(wake_, next - std::chrono::steady_clock::now());
      }
    }
  }

  Mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: runs with all of the above
};

}  // namespace livedata
