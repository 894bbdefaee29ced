#pragma once

#include <functional>
#include <thread>

#include "collect/files/file_status.h"
#include "collect/files/log_files.h"

namespace livedata::collect {

/// A thread that follows log files until it is destroyed.
class Follower {
 public:
  /// `complain` gets the outcome of every step, on the thread. Both must outlive the object.
  Follower(LogFiles& files, std::function<void(const Result<void>&)> complain);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

 private:
  void run();
  /// False: it is time to stop.
  bool wait(std::chrono::nanoseconds time, bool for_events);

  LogFiles& files_;
  std::function<void(const Result<void>&)> complain_;
  FileHandle stop_;     // readable: stop
  std::thread thread_;  // last: runs with all of the above
};

}  // namespace livedata::collect
