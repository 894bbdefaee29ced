#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace livedata {

/// A number that only grows. Thread-safe; add() is one relaxed atomic addition.
class Counter {
 public:
  void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// The program's own metrics, rendered as Prometheus text (exposition format 0.0.4). Passed to
/// whoever counts; there is no global one. Thread-safe.
class MetricRegistry {
 public:
  /// The counter of this name and label text (such as `reason="line_too_long"`), made on first use.
  /// The reference stays valid as long as the registry. Names end in _total.
  Counter& counter(std::string_view name, std::string_view help, std::string_view labels = "");

  /// Registers a value that is read when the page is rendered. The function must be callable from
  /// any thread until the registry is destroyed or the gauge is removed.
  void gauge(std::string_view name, std::string_view help, std::string_view labels,
             std::function<double()> read);
  /// Forgets every gauge of this name; waits for a rendering that runs.
  void remove_gauge(std::string_view name);

  [[nodiscard]] std::string render() const;

 private:
  struct Family {
    std::string help;
    std::map<std::string, std::unique_ptr<Counter>, std::less<>> counters;
    std::map<std::string, std::function<double()>, std::less<>> gauges;
  };

  mutable Mutex mutex_;
  std::map<std::string, Family, std::less<>> families_ LIVEDATA_GUARDED_BY(mutex_);
};

}  // namespace livedata
