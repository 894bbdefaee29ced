#pragma once

#include <atomic>
#include <cstdint>

#include "base/metric.h"

namespace livedata::collect {

/// What following files does, for the program's own metrics. Thread-safe.
struct FileCounters {
  explicit FileCounters(MetricRegistry& metrics);
  ~FileCounters();
  FileCounters(const FileCounters&) = delete;
  FileCounters& operator=(const FileCounters&) = delete;

  MetricRegistry& metrics;
  Counter& lines;
  Counter& bytes;
  Counter& rotations;
  Counter& truncations;
  Counter& lines_cut;
  Counter& errors;
  Counter& unread_bytes;
  std::atomic<std::uint64_t> followed{0};
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> lag_bytes{0};
};

}  // namespace livedata::collect
