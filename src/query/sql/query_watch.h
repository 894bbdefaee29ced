#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "base/deadline.h"
#include "base/mutex.h"

namespace livedata::query::sql {

/// Interrupts queries whose time is over, whose client has gone, or while the process takes far
/// more memory than its queries may have: DuckDB counts what its operators keep, but not every
/// value that a function makes. Its thread sleeps as long as no query runs. Thread-safe.
class QueryWatch {
 public:
  /// Queries may take memory_bytes each; the process may grow by that, and by `slack_bytes` for all
  /// else that it does meanwhile.
  QueryWatch(std::size_t memory_bytes, std::size_t slack_bytes);
  ~QueryWatch();
  QueryWatch(const QueryWatch&) = delete;
  QueryWatch& operator=(const QueryWatch&) = delete;

  /// A query that is watched as long as this lives.
  class Guard {
   public:
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    /// Whether it was interrupted for want of memory.
    [[nodiscard]] bool took_too_much() const { return *took_too_much_; }

   private:
    friend class QueryWatch;
    Guard(QueryWatch& watch, std::uint64_t id, std::shared_ptr<std::atomic<bool>> took_too_much)
        : watch_(watch), id_(id), took_too_much_(std::move(took_too_much)) {}
    QueryWatch& watch_;
    const std::uint64_t id_;
    const std::shared_ptr<std::atomic<bool>> took_too_much_;
  };
  /// `interrupt` is called from the watching thread, again and again until the guard goes.
  [[nodiscard]] std::unique_ptr<Guard> watch(Deadline deadline, std::function<void()> interrupt)
      LIVEDATA_EXCLUDES(mutex_);

 private:
  struct Watched {
    Deadline deadline;
    std::function<void()> interrupt;
    std::shared_ptr<std::atomic<bool>> took_too_much;
  };

  void run() LIVEDATA_EXCLUDES(mutex_);
  void look() LIVEDATA_REQUIRES(mutex_);

  const std::size_t memory_bytes_;
  const std::size_t slack_bytes_;
  Mutex mutex_;
  std::condition_variable wake_;
  std::map<std::uint64_t, Watched> watched_ LIVEDATA_GUARDED_BY(mutex_);
  std::uint64_t last_id_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::size_t bytes_at_start_ LIVEDATA_GUARDED_BY(mutex_) = 0;  // when the first of them began
  bool stopping_ LIVEDATA_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace livedata::query::sql
