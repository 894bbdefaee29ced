#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace livedata::server {

/// Tells what senders do wrong: a few notices a minute, then only how many more there were.
/// Thread-safe.
class SenderNotices {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMostPerMinute = 10;

  /// `tell` is called for one notice at a time, on the thread that has it.
  explicit SenderNotices(std::function<void(const std::string&)> tell) : tell_(std::move(tell)) {}

  /// Parts of `text` may come from the sender: what can't be printed is replaced.
  void add(std::string_view text, Time now = std::chrono::steady_clock::now())
      LIVEDATA_EXCLUDES(mutex_);

 private:
  const std::function<void(const std::string&)> tell_;
  Mutex mutex_;
  Time minute_begins_ LIVEDATA_GUARDED_BY(mutex_);
  std::size_t num_told_ LIVEDATA_GUARDED_BY(mutex_) = 0;
  std::size_t num_left_out_ LIVEDATA_GUARDED_BY(mutex_) = 0;
};

}  // namespace livedata::server
