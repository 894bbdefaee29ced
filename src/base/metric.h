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
  /// any thread until the registry is destroyed or the gauge is removed; it may not add or remove
  /// gauges. With a name that ends in _total it is shown as a counter.
  void gauge(std::string_view name, std::string_view help, std::string_view labels,
             std::function<double()> read);
  /// Forgets every gauge of this name, or the one with these labels; waits for a rendering that
  /// runs.
  void remove_gauge(std::string_view name);
  void remove_gauge(std::string_view name, std::string_view labels);

  /// What the gauges of a name say now, by their labels.
  [[nodiscard]] std::map<std::string, double> read_gauges(std::string_view name) const;

  [[nodiscard]] std::string render() const;

 private:
  struct Counters {
    std::string help;
    std::map<std::string, std::unique_ptr<Counter>, std::less<>> by_labels;
  };
  struct Gauges {
    std::string help;
    std::map<std::string, std::function<double()>, std::less<>> by_labels;
  };

  // Apart, since who reads a gauge may need locks whose owners count something.
  mutable Mutex counter_mutex_;
  mutable Mutex gauge_mutex_;
  std::map<std::string, Counters, std::less<>> counters_ LIVEDATA_GUARDED_BY(counter_mutex_);
  std::map<std::string, Gauges, std::less<>> gauges_ LIVEDATA_GUARDED_BY(gauge_mutex_);
};

}  // namespace livedata
