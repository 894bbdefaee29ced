#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/record_batch.h"

namespace livedata::collect::host {

/// The streams {source, host} of one host; made once each.
class SourceStreams {
 public:
  explicit SourceStreams(std::string host) : host_(std::move(host)) {}

  const StreamRef& of(std::string_view source) {
    const auto found = streams_.find(source);
    if (found != streams_.end()) return found->second;
    Labels labels({Label{"source", std::string(source)}, Label{"host", host_}});
    return streams_.emplace(source, std::make_shared<const Stream>(std::move(labels)))
        .first->second;
  }

 private:
  std::string host_;
  std::map<std::string, StreamRef, std::less<>> streams_;
};

/// One round of sampling: where the records go and when it is.
struct Sample {
  RecordBatch& batch;
  SourceStreams& streams;
  TimestampNs now = 0;  ///< wall time, of all records of the round
  std::chrono::steady_clock::time_point steady;

  /// Adds a record to the stream {source, host}.
  void add(std::string_view source, std::span<const Field> fields) const {
    batch.add(batch.add_stream(streams.of(source)), now, "", fields);
  }
  void add(std::string_view source, std::initializer_list<Field> fields) const {
    add(source, std::span<const Field>(fields.begin(), fields.size()));
  }
};

/// Two decimals are as much as a percentage is good for, and store well.
inline double rounded(double value) { return std::round(value * 100) / 100; }

/// `part` of `whole`, two decimals; 0 of nothing.
inline double percent(double part, double whole) {
  return whole > 0 ? rounded(100 * part / whole) : 0;
}

/// A count or a number of bytes as a field holds it.
inline std::int64_t as_int(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}

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

}  // namespace livedata::collect::host
