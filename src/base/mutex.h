#pragma once

#include <condition_variable>
#include <mutex>

// clang checks these on the preset "analyze"; g++ ignores them.
#if defined(__clang__)
#define LIVEDATA_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define LIVEDATA_THREAD_ATTRIBUTE(x)
#endif
#define LIVEDATA_GUARDED_BY(x) LIVEDATA_THREAD_ATTRIBUTE(guarded_by(x))
#define LIVEDATA_REQUIRES(x) LIVEDATA_THREAD_ATTRIBUTE(requires_capability(x))
#define LIVEDATA_EXCLUDES(x) LIVEDATA_THREAD_ATTRIBUTE(locks_excluded(x))

namespace livedata {

/// std::mutex that clang's thread safety analysis understands.
class LIVEDATA_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() LIVEDATA_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() LIVEDATA_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

/// Holds a Mutex for its scope; can wait on a condition variable meanwhile.
class LIVEDATA_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) LIVEDATA_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : lock_(mutex.mutex_) {}
  ~MutexLock() LIVEDATA_THREAD_ATTRIBUTE(release_capability()) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() LIVEDATA_THREAD_ATTRIBUTE(release_capability()) { lock_.unlock(); }
  void lock() LIVEDATA_THREAD_ATTRIBUTE(acquire_capability()) { lock_.lock(); }

  /// Releases the mutex, sleeps until woken (or spuriously), and holds it again. Loop on the
  /// condition.
  void wait(std::condition_variable& condition) { condition.wait(lock_); }
  template <class Duration>
  std::cv_status wait_for(std::condition_variable& condition, Duration duration) {
    return condition.wait_for(lock_, duration);
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace livedata
