#pragma once

#include <chrono>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "model/record_batch.h"

namespace livedata::collect {

/// One round of sampling: where the records go and when it is.
struct Sample {
  RecordBatch& batch;
  TimestampNs now = 0;  ///< wall time, of all records of the round
  std::chrono::steady_clock::time_point steady;
  const std::string& host;

  /// Adds a record to the stream {source, host}.
  void add(std::string_view source, std::span<const Field> fields) const {
    const std::uint32_t stream =
        batch.add_stream(Labels({Label{"source", std::string(source)}, Label{"host", host}}));
    batch.add(stream, now, "", fields);
  }
};

/// Two decimals are as much as a percentage is good for, and store well.
inline double rounded(double value) { return std::round(value * 100) / 100; }

/// Time since an earlier reading, for rates.
class Interval {
 public:
  /// Seconds since the last call; 0 the first time.
  double next(std::chrono::steady_clock::time_point now) {
    const double seconds = started_ ? std::chrono::duration<double>(now - last_).count() : 0;
    started_ = true;
    last_ = now;
    return seconds;
  }

 private:
  bool started_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace livedata::collect
