#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace livedata::loggen {

enum class Format { kJsonAccess, kLogfmt, kSyslog, kJava };
constexpr std::size_t kNumFormats = 4;

/// A log stream of the made-up fleet.
struct FleetStream {
  std::string service;
  std::string host;
  std::string env;
  std::string pod = {};  ///< empty: the stream has no such label
  Format format = Format::kJsonAccess;
};

struct GeneratedLine {
  std::uint32_t stream = 0;
  TimestampNs timestamp = 0;
  std::string text;
};

/// Lines that one client sends in one request: a few streams, adjacent times.
struct GeneratedBatch {
  std::uint64_t number = 0;
  std::vector<GeneratedLine> lines;
};

/// The word that every so many lines hold, for searching.
constexpr const char* kNeedle = "xyzzy-needle-42";

/// Realistic log lines, the same for the same seed: JSON access logs, logfmt, syslog-like and
/// Java-like lines with stack traces; about 1,500 streams of unequal volume over 24 hours. Each
/// batch can be made alone, from its number, so that a check needs no copy of the data. Ids,
/// addresses and durations are random, as they are in life, and do not compress. Every line holds a
/// number of its own.
class LineGenerator {
 public:
  LineGenerator(std::uint64_t seed, std::uint64_t total_bytes, TimestampNs end);
  /// The same kinds of lines within one hour, in `pods` streams that a label `pod` tells apart. The
  /// lines do not depend on the number of pods: it decides only which share a stream. At most
  /// kMaxPods.
  static LineGenerator of_pods(std::uint64_t seed, std::uint64_t total_bytes, TimestampNs end,
                               std::uint32_t pods);
  static constexpr std::uint32_t kMaxPods = 200'000;

  /// Lines of the time before the end, instead of 24 hours.
  void spread_over(TimestampNs span) { span_ = span; }

  [[nodiscard]] const std::vector<FleetStream>& streams() const { return streams_; }
  [[nodiscard]] std::uint64_t num_batches() const { return num_batches_; }
  [[nodiscard]] GeneratedBatch batch(std::uint64_t number) const;
  [[nodiscard]] TimestampNs start() const { return end_ - span_; }
  [[nodiscard]] TimestampNs end() const { return end_; }

 private:
  [[nodiscard]] std::vector<std::uint32_t> pick_members(std::uint64_t number) const;

  std::uint64_t seed_;
  TimestampNs end_;
  TimestampNs span_ = 24 * 3600 * kNsPerSecond;
  std::uint64_t num_batches_;
  std::vector<FleetStream> streams_;
  std::vector<std::uint32_t> weighted_;  // stream numbers, busy ones more often
};

}  // namespace livedata::loggen
